import { describe, expect, test } from "bun:test";
import { findProxy } from "../../lib/doctor/find-proxy.ts";

const https = new URL("https://mcp.contoso.com/mcp");

describe("findProxy", () => {
  test.each<[string, string, Record<string, string>, string | undefined]>([
    ["nothing is set", https.href, {}, undefined],
    ["it is set", https.href, { HTTPS_PROXY: "http://proxy:3128" }, "proxy:3128"],
    ["it is set in lower case", https.href, { https_proxy: "http://proxy:3128" }, "proxy:3128"],
    ["one is set for all schemes", https.href, { ALL_PROXY: "http://proxy:3128" }, "proxy:3128"],
    ["the scheme has its own", https.href, { ALL_PROXY: "http://p:1", HTTPS_PROXY: "http://p:2" }, "p:2"],
    [
      "lower and upper case differ",
      https.href,
      { https_proxy: "http://p:1", HTTPS_PROXY: "http://p:2" },
      "p:1",
    ],
    ["it is written without scheme", https.href, { HTTPS_PROXY: "proxy:3128" }, "proxy:3128"],
    ["it is set for the other scheme", https.href, { HTTP_PROXY: "http://proxy:3128" }, undefined],
    ["the address is http", "http://mcp.contoso.com/", { HTTP_PROXY: "http://proxy:3128" }, "proxy:3128"],
    [
      "the host is exempt",
      https.href,
      { HTTPS_PROXY: "http://p:1", NO_PROXY: "a, mcp.contoso.com" },
      undefined,
    ],
    ["the domain is exempt", https.href, { HTTPS_PROXY: "http://p:1", NO_PROXY: "contoso.com" }, undefined],
    [
      "the domain is exempt with a dot",
      https.href,
      { HTTPS_PROXY: "http://p:1", no_proxy: ".contoso.com" },
      undefined,
    ],
    ["everything is exempt", https.href, { HTTPS_PROXY: "http://p:1", NO_PROXY: "*" }, undefined],
    [
      "a name that only ends alike is exempt",
      https.href,
      { HTTPS_PROXY: "http://p:1", NO_PROXY: "so.com" },
      "p:1",
    ],
    ["the port is exempt", https.href, { HTTPS_PROXY: "http://p:1", NO_PROXY: "contoso.com:443" }, undefined],
    [
      "another port is exempt",
      https.href,
      { HTTPS_PROXY: "http://p:1", NO_PROXY: "contoso.com:8443" },
      "p:1",
    ],
  ])("where %s", (_, url, environment, host) => {
    expect(findProxy(new URL(url), environment)?.host).toBe(host);
  });

  test.each(["ftp://user:secret@proxy", "http://", "::"])("refuses %s without showing it", (text) => {
    const find = () => findProxy(https, { HTTPS_PROXY: text });
    expect(find).toThrow(
      expect.objectContaining({ code: "invalid_config", message: expect.not.stringContaining(text) }),
    );
  });
});
