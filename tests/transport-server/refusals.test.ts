import { describe, expect, test } from "bun:test";
import { AppError } from "../../lib/base/errors.ts";
import { createRefusals } from "../../lib/transport/server/refusals.ts";

const first = "http://a/.well-known/oauth-protected-resource/mcp";
const missing = new AppError("missing_token", "This server needs an access token.");

const seen = async (response: Response) => ({
  status: response.status,
  headers: Object.fromEntries(response.headers),
  body: await response.text(),
});

describe("refusals that are kept", () => {
  test("are the same each time, and each can be read", async () => {
    const refuse = createRefusals({ scopes: ["api://api/execute"] });
    const answers = [refuse(missing, first), refuse(missing, first), refuse(missing, first)];
    const [one, two, three] = await Promise.all(answers.map(seen));
    expect(one?.status).toBe(401);
    expect(one?.body).toContain("missing_token");
    expect(two).toEqual(one!);
    expect(three).toEqual(one!);
  });

  test("name the metadata of the host that was asked", () => {
    const refuse = createRefusals({ scopes: [] });
    refuse(missing, first);
    const other = refuse(missing, first.replace("http://a", "http://b"));
    expect(other.headers.get("www-authenticate")).toContain("http://b/");
  });

  test("of one code differ by their words and by when to come again", () => {
    const refuse = createRefusals({ scopes: [] });
    const errors = [1, 2].map(
      (retryAfterSeconds) => new AppError("keys_unavailable", "Try later.", { retryAfterSeconds }),
    );
    expect(errors.map((error) => refuse(error, first).headers.get("retry-after"))).toEqual(["1", "2"]);
    const words = ["x", "y"].map((word) => refuse(new AppError("bad_signature", word), first));
    expect(
      words.map(({ headers }) => /_signature: (.)/.exec(headers.get("www-authenticate") ?? "")?.[1]),
    ).toEqual(["x", "y"]);
  });

  test("stay right when there are more of them than are kept", async () => {
    const refuse = createRefusals({ scopes: [] });
    for (let count = 0; count < 100; count++) {
      const { body } = await seen(refuse(new AppError("bad_signature", `no ${count}.`), first));
      expect(body).toContain(`no ${count}.`);
    }
  });
});
