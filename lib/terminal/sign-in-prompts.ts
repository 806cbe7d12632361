import type { Abortable } from "../base/abort.ts";
import { neutraliseLine } from "../base/text.ts";
import { confirm, type ConfirmOptions } from "./confirm.ts";

/** Where to sign in and with which code. */
export interface ShownDeviceCode {
  readonly userCode: string;
  readonly verificationUri: string;
  readonly expiresInSeconds: number;
  /** The service's own sentence. */
  readonly message?: string;
}

/** Where to sign in with a browser. */
export interface ShownAddress {
  readonly address: string;
  /** Whether device code was tried first and is blocked. */
  readonly isFallback: boolean;
}

/** Why nothing happens, and for how many seconds. */
export interface ShownWait {
  readonly reason: "slow_down" | "rate_limited" | "unreachable" | "lock";
  readonly seconds: number;
}

const waitReasons: Record<ShownWait["reason"], string> = {
  slow_down: "The sign-in service wants to be asked less often",
  rate_limited: "The sign-in service takes no more requests at the moment",
  unreachable: "The sign-in service does not answer",
  lock: "Another process is using the token cache",
};

/** A server that would get a token, and which. */
export interface ShownServer {
  readonly origin: string;
  readonly authority: string;
  readonly scope: string;
  readonly clientId: string;
}

interface Terminal extends Pick<ConfirmOptions, "input" | "output"> {
  /** How a question is asked while something else owns the terminal. Default: {@link confirm}. */
  readonly confirm?: ((question: string, options: Abortable) => Promise<boolean>) | undefined;
}

function showDeviceCode(
  { output }: Terminal,
  { userCode, verificationUri, expiresInSeconds }: ShownDeviceCode,
): void {
  const minutes = Math.max(1, Math.round(expiresInSeconds / 60));
  const lines = [
    "To sign in, open this address in a browser and enter the code:",
    `  Address  ${neutraliseLine(verificationUri)}`,
    `  Code     ${neutraliseLine(userCode)}`,
    `Waiting for you; the code is good for ${minutes} ${minutes === 1 ? "minute" : "minutes"}. Ctrl-C gives up.`,
  ];
  output.write(`${lines.join("\n")}\n`);
}

async function askToTrust(terminal: Terminal, server: ShownServer, { signal }: Abortable): Promise<boolean> {
  const rows = [
    ["Server", server.origin],
    ["Sign-in", server.authority],
    ["Scope", server.scope],
    ["Client id", server.clientId],
  ];
  const facts = rows.map(([name = "", value = ""]) => `  ${name.padEnd(10)} ${neutraliseLine(value)}\n`);
  terminal.output.write(`This has not been confirmed yet:\n${facts.join("")}`);
  terminal.output.write("The server will get a token that lets it act for you within this scope.\n");
  const question = "Sign in there and remember it?";
  return terminal.confirm?.(question, { signal }) ?? confirm(question, { ...terminal, signal });
}

/** Asks a person on a terminal for what signing in needs. */
export function createSignInPrompts(terminal: Terminal) {
  return {
    showDeviceCode: (code: ShownDeviceCode) => showDeviceCode(terminal, code),
    showAddress: ({ address, isFallback }: ShownAddress) => {
      const why = isFallback ? "A policy of the tenant blocks device code; a browser may do.\n" : "";
      const shown = neutraliseLine(address);
      terminal.output.write(
        `${why}To sign in, open this address in a browser on this machine:\n${shown}\nWaiting for you, up to 5 minutes. Ctrl-C gives up.\n`,
      );
    },
    showWait: ({ reason, seconds }: ShownWait) => {
      const time = seconds > 0 ? `trying again in ${seconds} s` : "waiting for it";
      terminal.output.write(`${waitReasons[reason]}; ${time}.\n`);
    },
    askToTrust: (server: ShownServer, options: Abortable) => askToTrust(terminal, server, options),
  };
}

/** An issuer that a server names. */
export interface ShownIssuer {
  readonly origin: string;
  readonly issuer: string;
  /** Where it is not the issuer's own. */
  readonly page?: string;
  /** Where it is not the issuer's own. */
  readonly tokenEndpoint?: string;
}

/** An address as it is used: a name of letters that only look like others is shown in ASCII. */
function showUrl(address: string): string {
  return neutraliseLine(URL.parse(address)?.href.replace(/\/$/, "") ?? address);
}

function showIssuer({ origin, issuer, page, tokenEndpoint }: ShownIssuer): string {
  const rows = [
    ["Server", origin],
    ["Sign-in", issuer],
    ...(page === undefined ? [] : [["Page", page]]),
    ...(tokenEndpoint === undefined ? [] : [["Tokens", tokenEndpoint]]),
  ];
  return rows.map(([name = "", address = ""]) => `  ${name.padEnd(10)} ${showUrl(address)}\n`).join("");
}

/** Asks a person for what signing in with a browser needs. */
export function createBrowserPrompts(terminal: Terminal) {
  return {
    showAddress: (address: string) => {
      const shown = neutraliseLine(address);
      terminal.output.write(`To sign in, open this address in a browser on this machine:\n${shown}\n`);
    },
    askToTrustIssuer: (issuer: ShownIssuer, { signal }: Abortable) => {
      terminal.output.write(`This has not been confirmed yet:\n${showIssuer(issuer)}`);
      if (issuer.page !== undefined && issuer.tokenEndpoint !== issuer.page) {
        terminal.output.write("Whoever redeems what that page gives gets what you agree to there.\n");
      }
      return confirm("Sign in there and remember it?", { ...terminal, signal });
    },
  };
}
