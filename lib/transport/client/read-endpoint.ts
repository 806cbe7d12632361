import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";

/**
 * Reads the address of a server.
 *
 * @throws `usage`
 */
export function readEndpoint(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new AppError(
      "usage",
      `The server's address must be a URL like http://localhost:8000/mcp, not ${quote(text)}.`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new AppError("usage", "The server's address must not hold a user name or a password.");
  }
  url.hash = "";
  return url;
}
