import type { Abortable } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { isLoopbackUrl } from "../../base/loopback.ts";
import { quote } from "../../base/text.ts";
import type { Environment } from "../../config/environment.ts";
import type { Origin } from "../../config/option.ts";
import type { Confirmations } from "./confirmations.ts";
import { createTrustedOpenServers } from "./trusted-servers.ts";

/** Asks a person a yes-or-no question. */
export type Ask = (question: string, options: Abortable) => Promise<boolean>;

/** An address from a `./.env` that nobody named, and what using it would mean. */
export interface FolderAddress {
  readonly url: string;
  /** What it is, e.g. `the model's address`. */
  readonly role: string;
  /** What it means, as a sentence. */
  readonly consequence: string;
  /** How to give it otherwise. */
  readonly hint: string;
  /** The file that names it. Default `./.env`. */
  readonly file?: string | undefined;
  readonly confirmed: Confirmations<string>;
  /** Absent: nobody may be asked. */
  readonly ask: Ask | undefined;
}

/**
 * Uses an address from a `./.env` that nobody named only after a person confirmed its origin once (DESIGN 5, "A
 * folder is not trusted").
 *
 * @throws `untrusted_destination`
 */
export async function confirmFolderAddress(address: FolderAddress, { signal }: Abortable): Promise<void> {
  const { url, role, consequence, hint, file = "./.env", confirmed, ask } = address;
  const { origin } = new URL(url);
  if ((await confirmed.list()).includes(origin)) return;
  const question = `The file ${file} names ${origin} as ${role}. ${consequence} Use it?`;
  const isAgreed = ask !== undefined && (await ask(question, { signal }));
  if (!isAgreed) {
    const message = `${quote(origin)} from ${file} was not confirmed as ${role}.`;
    throw new AppError("untrusted_destination", message, { hint });
  }
  // Not being able to remember it costs a question next time, not this use.
  await confirmed.remember(origin, { signal }).catch(() => signal?.throwIfAborted());
}

/** Where a server's address came from, for a connection without a token. */
export interface OpenServer {
  readonly url: string;
  readonly urlOrigin: Origin;
  readonly environment: Environment;
  readonly ask: Ask | undefined;
}

/**
 * Confirms the address of a server that gets no token but what tools are called with. This machine needs no
 * confirmation.
 *
 * @throws `untrusted_destination`
 */
export async function confirmOpenServer(
  { url, urlOrigin, environment, ask }: OpenServer,
  options: Abortable,
): Promise<void> {
  if (urlOrigin.kind !== "folder" || isLoopbackUrl(url)) return;
  const address = {
    url,
    role: "the server's address",
    consequence: "It will get what its tools are called with.",
    hint: `Give --url or name the file with ${urlOrigin.file === undefined ? "--env-file" : "--mcp-config"}.`,
    file: urlOrigin.file,
    confirmed: createTrustedOpenServers(environment),
    ask,
  };
  await confirmFolderAddress(address, options);
}
