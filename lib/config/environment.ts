/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process. Nothing else in the project reads `process.env`; a test enforces it. */
export function readEnvironment(): Environment {
  return process.env;
}

/** The last one is where a machine in Azure finds its managed identity, one hop away and over plain http. */
const localNames = ["localhost", "127.0.0.1", "::1", "[::1]", "169.254.169.254"];

/**
 * Exempts this machine from `HTTP_PROXY` and `HTTPS_PROXY`. Bun would send a request to `http://localhost`, its token included, to
 * the proxy in plain text, and a server under test here would never see it. Bun looks at each request, so it
 * holds for MSAL's as well.
 */
export function keepLoopbackOffProxies(): void {
  const { NO_PROXY: upper, no_proxy: lower } = process.env;
  process.env["NO_PROXY"] = [upper || lower || [], localNames].flat().join(",");
  process.env["no_proxy"] = [lower || upper || [], localNames].flat().join(",");
}
