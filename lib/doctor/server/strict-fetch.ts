import type { Fetch } from "../../auth/client/fetch-json.ts";
import { createNotedFetch } from "../noted-fetch.ts";
import type { ServerExamination } from "./server-check.ts";

/** A `fetch` that checks certificates as the server itself does: also where the environment switches that off. */
export function createStrictFetch({ server, facts }: ServerExamination): Fetch {
  const noted = createNotedFetch(facts.dates, server.clock);
  return (url, init) => {
    const strict: BunFetchRequestInit = { ...init, tls: { rejectUnauthorized: true } };
    return noted(url, strict);
  };
}
