import { createOpenAI } from "@ai-sdk/openai";
import type { LanguageModel } from "ai";
import { AppError } from "../base/errors.ts";
import { isLoopbackUrl } from "../base/loopback.ts";
import { quote } from "../base/text.ts";
import { guardModel } from "./guard-model.ts";
import type { ModelApi, ModelOptions } from "./model-options.ts";
import { createModelFetch } from "./model-fetch.ts";
import { setUpResponses } from "./responses-model.ts";
import { createScriptedModel } from "./scripted-model.ts";

const openAiUrl = "https://api.openai.com/v1";
/** The name of the built-in script. */
const scriptedName = "scripted";
/** The SDK looks for a key in the environment when it is given none. It is never sent. */
const noKey = "none";

function readBaseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new AppError(
    "invalid_config",
    `The base URL must be like http://localhost:11434/v1, not ${quote(text)}.`,
  );
}

/** Where tokens of an Entra sign-in may go: Azure's own hosts, over TLS, and this machine. */
const azureHost = /^[a-z0-9-]+\.(?:openai|cognitiveservices|services\.ai)\.azure\.com$/;

/**
 * A token for a model stays with Azure: whoever else gets it could use every model of the tenant in the person's name.
 *
 * @throws `invalid_config`, `untrusted_destination`
 */
function checkTokenDestination({ baseUrl, apiKey }: ModelOptions): void {
  if (apiKey !== undefined) {
    throw new AppError("invalid_config", "There is an API key, and a sign-in in place of one.", {
      hint: "Leave out --model-auth entra, or unset OPENAI_API_KEY.",
    });
  }
  const url = URL.parse(baseUrl ?? "");
  if (!url) {
    throw new AppError("invalid_config", "To sign in at a model, its address has to be known.", {
      hint: "Give --base-url, e.g. https://NAME.openai.azure.com/openai/v1.",
    });
  }
  const isAzure = url.protocol === "https:" && azureHost.test(url.hostname) && url.port === "";
  if (isAzure || isLoopbackUrl(url.href)) return;
  throw new AppError(
    "untrusted_destination",
    `No token is sent to ${quote(url.host)}, which is not Azure OpenAI.`,
    {
      hint: "Tokens go to https://NAME.openai.azure.com and the other hosts of Azure AI only; use an API key elsewhere.",
    },
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
 * OpenAI's own models think, and only Responses shows and keeps that between the steps of a turn. Whatever else speaks
 * OpenAI's language speaks Chat Completions for sure.
 */
function chooseApi({ api }: ModelOptions, baseUrl: URL): ModelApi {
  return api ?? (baseUrl.origin === new URL(openAiUrl).origin ? "responses" : "chat");
}

/**
 * Opens a model behind an OpenAI-compatible API (Chat Completions or Responses), or the built-in script. Nothing is
 * sent yet, and nothing is read from the environment.
 *
 * @throws `invalid_config` when there is neither a key nor a base URL, no model is named, or the
 *   key cannot be one; `untrusted_destination` when tokens would go to a host that is not Azure's
 * @see https://platform.openai.com/docs/api-reference
 */
export function openModel(options: ModelOptions): LanguageModel {
  if (options.model === scriptedName) return createScriptedModel();
  if (options.tokens) checkTokenDestination(options);
  const model = checkModel(options);
  const { apiKey, tokens } = options;
  const baseUrl = readBaseUrl(options.baseUrl ?? openAiUrl);
  const server = { baseUrl, model, apiKey, tokens, api: chooseApi(options, baseUrl) };
  const openAi = createOpenAI({
    baseURL: baseUrl.href,
    apiKey: noKey,
    fetch: createModelFetch(server),
  });
  const provided = server.api === "chat" ? openAi.chat(model) : setUpResponses(openAi.responses(model));
  return guardModel(provided, server);
}
