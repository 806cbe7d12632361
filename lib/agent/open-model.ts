import { createOpenAI } from "@ai-sdk/openai";
import type { LanguageModel } from "ai";
import { AppError } from "../base/errors.ts";
import { quote } from "../base/text.ts";
import { guardModel } from "./guard-model.ts";
import { createModelFetch } from "./model-fetch.ts";
import { createScriptedModel } from "./scripted-model.ts";

const openAiUrl = "https://api.openai.com/v1";
/** The name of the built-in script. */
const scriptedName = "scripted";
/** The SDK looks for a key in the environment when it is given none. It is never sent. */
const noKey = "none";

/** Which model to use, and where it is. */
export interface ModelOptions {
  /** The provider's name of the model, or `scripted` for the built-in script. */
  readonly model: string | undefined;
  /** An OpenAI-compatible API. Default `https://api.openai.com/v1`, which needs a key. */
  readonly baseUrl: string | undefined;
  /** Sent to the base URL and nowhere else. */
  readonly apiKey: string | undefined;
}

function readBaseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new AppError(
    "invalid_config",
    `The base URL must be like http://localhost:11434/v1, not ${quote(text)}.`,
  );
}

function checkModel({ model, baseUrl, apiKey }: ModelOptions): string {
  if (baseUrl === undefined && apiKey === undefined) {
    throw new AppError("invalid_config", "There is neither an API key nor a base URL for the model.", {
      hint:
        "Set OPENAI_API_KEY, or give --base-url for an OpenAI-compatible server such as Ollama " +
        "(http://localhost:11434/v1), or try it without a model by --model scripted.",
    });
  }
  if (model === undefined || model === "") {
    throw new AppError("invalid_config", "No model is named.", {
      hint: "Name one with --model, e.g. gpt-5-mini.",
    });
  }
  // A header cannot carry anything else, and what complains then would show the key.
  if (apiKey !== undefined && !/^[\u0021-\u007E]+$/.test(apiKey)) {
    throw new AppError("invalid_config", "The API key is empty or holds characters that no key has.", {
      hint: "Is there a blank, a line break or a quotation mark in OPENAI_API_KEY?",
    });
  }
  return model;
}

/**
 * Opens a model behind an OpenAI-compatible API (Chat Completions), or the built-in script. Nothing is sent yet,
 * and nothing is read from the environment.
 *
 * @throws `invalid_config` when there is neither a key nor a base URL, no model is named, or the
 *   key cannot be one
 * @see https://platform.openai.com/docs/api-reference/chat
 */
export function openModel(options: ModelOptions): LanguageModel {
  if (options.model === scriptedName) return createScriptedModel();
  const model = checkModel(options);
  const { apiKey, baseUrl = openAiUrl } = options;
  const server = { baseUrl: readBaseUrl(baseUrl), model, apiKey };
  const openAi = createOpenAI({
    baseURL: server.baseUrl.href,
    apiKey: apiKey ?? noKey,
    fetch: createModelFetch(server),
  });
  return guardModel(openAi.chat(model), server);
}
