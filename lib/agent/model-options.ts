import type { AccessTokens } from "../transport/client/contract.ts";

/** Which of OpenAI's two APIs to speak. */
export type ModelApi = "chat" | "responses";

/** Where bearer tokens for a model come from, as for a server. It asks nobody: a turn is going on. */
export type ModelTokens = Pick<AccessTokens, "getToken">;

/** Which model to use, and where it is. */
export interface ModelOptions {
  /** The provider's name of the model, or `scripted` for the built-in script. */
  readonly model: string | undefined;
  /** An OpenAI-compatible API. Default `https://api.openai.com/v1`, which needs a key. */
  readonly baseUrl: string | undefined;
  /** Sent to the base URL and nowhere else. */
  readonly apiKey: string | undefined;
  /** Default: `responses` at OpenAI itself, `chat` elsewhere. */
  readonly api?: ModelApi | undefined;
  /** In place of a key: tokens for Azure OpenAI. They go to Azure's hosts or to this machine only. */
  readonly tokens?: ModelTokens | undefined;
}
