/** Documents over HTTP by their path, and which were asked for. */
export interface DocumentServer extends AsyncDisposable {
  readonly origin: string;
  /** Answers by path; a test may change them. */
  readonly documents: Map<string, (request: Request) => Response>;
  /** Paths in the order of the requests. */
  readonly fetched: readonly string[];
}

/** Serves the metadata and key sets of issuers that the dev tenant cannot be. */
export function startDocumentServer(): DocumentServer {
  const documents: DocumentServer["documents"] = new Map();
  const fetched: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      fetched.push(pathname);
      return documents.get(pathname)?.(request) ?? new Response("not found", { status: 404 });
    },
  });
  return {
    origin: `http://127.0.0.1:${server.port}`,
    documents,
    fetched,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
