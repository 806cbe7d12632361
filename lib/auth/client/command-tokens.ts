import { unlessAborted } from "../../base/abort.ts";
import { type Clock, nowSeconds, systemClock } from "../../base/clock.ts";
import { AppError } from "../../base/errors.ts";
import { readCapped } from "../../base/read-capped.ts";
import { quote } from "../../base/text.ts";
import type { Environment } from "../../config/environment.ts";
import { isRecord } from "./fetch-json.ts";
import { splitCommand } from "./split-command.ts";
import type { AccessToken, TokenRequest } from "./token-source.ts";

/*
 * Tokens that another program prints. What it prints is a secret and what it complains about may hold one: neither
 * is ever shown. Does not check the token: that is the server's business.
 */

const maxOutputBytes = 65_536;
const marginSeconds = 60;

export interface CommandTokensOptions {
  /** The command line; see `splitCommand`. */
  readonly command: string;
  readonly environment: Environment;
  /** How long the program may take, in milliseconds. Default 30,000. */
  readonly limitMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** `exp` of a JWT, unverified: only to know when to ask for the next one. Opaque tokens last until they are refused. */
function readExpiry(token: string): number {
  const [, payload, signature] = token.split(".");
  if (payload === undefined || signature === undefined) return Number.MAX_SAFE_INTEGER;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const exp = isRecord(claims) ? claims["exp"] : undefined;
    return typeof exp === "number" && Number.isFinite(exp) ? Math.floor(exp) : Number.MAX_SAFE_INTEGER;
  } catch {
    return Number.MAX_SAFE_INTEGER;
  }
}

function failed(program: string, problem: string, cause?: unknown): AppError {
  return new AppError("sign_in_failed", `The token command ${quote(program)} ${problem}.`, {
    hint: "Run it by itself: it must print one access token, and nothing else, on standard output.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function spawn(words: readonly string[], environment: Environment) {
  try {
    return Bun.spawn([...words], {
      env: { ...environment },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
    });
  } catch (error) {
    throw failed(words[0] ?? "", "cannot be started", error);
  }
}

/** Runs a program and reads the one token that it prints. */
async function runCommand({ command, environment, limitMs = 30_000 }: CommandTokensOptions): Promise<string> {
  const words = splitCommand(command);
  const program = words[0] ?? "";
  const child = spawn(words, environment);
  const limit = AbortSignal.timeout(limitMs);
  const kill = () => child.kill("SIGKILL");
  limit.addEventListener("abort", kill, { once: true });
  try {
    const output = await readCapped(child.stdout, { maxBytes: maxOutputBytes, signal: limit });
    if (!output) throw failed(program, "prints more than a token");
    const exitCode = await child.exited;
    limit.throwIfAborted();
    if (exitCode !== 0) throw failed(program, `ended with exit code ${exitCode}`);
    const token = output.toString("utf8").trim();
    if (/^[\x21-\x7e]{1,16384}$/.test(token)) return token;
    throw failed(program, token === "" ? "prints nothing" : "prints something else than one token");
  } catch (error) {
    kill();
    if (error instanceof AppError || !limit.aborted) throw error;
    throw failed(program, `took longer than ${limitMs / 1000} s`);
  } finally {
    limit.removeEventListener("abort", kill);
  }
}

/** Access tokens that a program of the user's prints; kept in memory until shortly before they end. */
export class CommandTokens {
  readonly #options: CommandTokensOptions;
  #current: AccessToken | undefined;
  #running: Promise<AccessToken> | undefined;

  constructor(options: CommandTokensOptions) {
    this.#options = options;
  }

  /**
   * A token that is good for a minute more. After a refused one the program is run again, once for all who wait.
   *
   * @throws `sign_in_failed`, `usage`; the signal's reason
   */
  async getToken({ signal, rejected }: TokenRequest = {}): Promise<AccessToken> {
    const current = this.#current;
    const now = nowSeconds(this.#options.clock ?? systemClock);
    const isGood = current && current.value !== rejected && current.expiresAtSeconds > now + marginSeconds;
    if (isGood) return current;
    // One caller who gives up takes the token from nobody else; the program's own time is limited.
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return signal ? unlessAborted(this.#running, signal) : this.#running;
  }

  async #run(): Promise<AccessToken> {
    const value = await runCommand(this.#options);
    this.#current = { value, expiresAtSeconds: readExpiry(value) };
    return this.#current;
  }
}
