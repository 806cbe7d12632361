import { AppError } from "../base/errors.ts";
import type { Environment } from "../config/environment.ts";

function isExempt(entry: string, { hostname, port, protocol }: URL): boolean {
  const [, name = "", entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  const ownPort = port || (protocol === "https:" ? "443" : "80");
  if (entryPort !== undefined && entryPort !== ownPort) return false;
  const domain = name.replace(/^\*?\./, "").toLowerCase();
  return domain !== "" && (hostname === domain || hostname.endsWith(`.${domain}`));
}

function isPastProxies(url: URL, environment: Environment): boolean {
  const text = environment["no_proxy"] || environment["NO_PROXY"] || "";
  const entries = text.split(",").map((entry) => entry.trim());
  return entries.some((entry) => entry === "*" || entry === url.hostname || isExempt(entry, url));
}

interface Variable {
  readonly name: string;
  readonly text: string;
}

function findVariable(url: URL, environment: Environment): Variable | undefined {
  const names = [url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY", "ALL_PROXY"];
  for (const name of names.flatMap((upper) => [upper.toLowerCase(), upper])) {
    const text = environment[name] ?? "";
    if (text !== "") return { name, text };
  }
  return undefined;
}

/**
 * The proxy that requests to an address go through, as Bun's fetch chooses it (measured with 1.4.5).
 *
 * @throws `invalid_config` for a variable that is no address
 */
export function findProxy(url: URL, environment: Environment): URL | undefined {
  const variable = findVariable(url, environment);
  if (!variable || isPastProxies(url, environment)) return undefined;
  const { name, text } = variable;
  const proxy = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (proxy && /^https?:$/.test(proxy.protocol) && proxy.hostname !== "") return proxy;
  // It may hold a password.
  throw new AppError("invalid_config", `${name} is not the address of a proxy.`, {
    hint: `Write it as ${name}=http://proxy.contoso.com:3128.`,
  });
}
