import { type FixtureOptions, startFixture } from "./fixture/start.ts";
import { startBearerProxy } from "./server-proxy.ts";
import type { Requirements } from "./server-requirements.ts";
import { runServerSuite } from "./server-suite.ts";
import { judge, type Verdict } from "./server-verdict.ts";

/** Runs the suite against the fixture on the real stack, signed in, and judges it. */
export async function runServerConformance(
  required: Requirements,
  options: FixtureOptions = {},
): Promise<Verdict> {
  await using fixture = await startFixture(options);
  await using proxy = await startBearerProxy({ port: fixture.port, token: await fixture.mintToken() });
  return judge(await runServerSuite(proxy.url, required.revision), required);
}
