import type { Abortable } from "../../base/abort.ts";
import type { Connection, ContentBlock } from "./contract.ts";

/*
 * What a server may offer beside tools. All of it is other people's text: neutralise it before it is shown.
 */

interface Described {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
}

/** A resource as the server describes it. */
export interface ResourceDescription extends Described {
  readonly uri: string;
  readonly mimeType?: string | undefined;
  /** In bytes. */
  readonly size?: number | undefined;
}

/** A template of resources as the server describes it. */
export interface ResourceTemplateDescription extends Described {
  /** RFC 6570. */
  readonly uriTemplate: string;
  readonly mimeType?: string | undefined;
}

/** An argument of a prompt; its value is text. */
export interface PromptArgument {
  readonly name: string;
  readonly description?: string | undefined;
  readonly required?: boolean | undefined;
}

/** A prompt as the server describes it. */
export interface PromptDescription extends Described {
  readonly arguments: readonly PromptArgument[];
}

/** One part of a resource, in MCP's shape: `text`, or `blob` in base64. */
export interface ResourceContents {
  readonly uri: string;
  readonly [member: string]: unknown;
}

/** A message of a prompt, in MCP's shape. */
export interface PromptMessage {
  readonly role: string;
  readonly content: ContentBlock;
}

/** A prompt with its arguments filled in, in MCP's shape. */
export interface PromptResult {
  readonly description?: string | undefined;
  readonly messages: readonly PromptMessage[];
}

/** What is to be completed: an argument of a prompt, or a variable of a resource template. */
export interface CompletionRequest {
  readonly ref:
    | { readonly type: "ref/prompt"; readonly name: string }
    | { readonly type: "ref/resource"; readonly uri: string };
  readonly argument: { readonly name: string; readonly value: string };
  /** The arguments that are known already. */
  readonly known?: Readonly<Record<string, string>> | undefined;
}

/** What a server suggests, in MCP's shape. */
export interface Completion {
  readonly values: readonly string[];
  readonly total?: number | undefined;
  readonly hasMore?: boolean | undefined;
}

/** How a server was asked whether it is alive: 2026-07-28 has no `ping`. */
export type LifeSign = "ping" | "server/discover";

/** A connection with everything that a server may offer beside tools. What it does not offer is an empty list. */
export interface FullConnection extends Connection {
  /** Names of the capabilities that the server declares, e.g. `tools`. Other people's text. */
  readonly capabilities: readonly string[];
  /** All resources, from every page. */
  listResources(options?: Abortable): Promise<readonly ResourceDescription[]>;
  /** All resource templates, from every page. */
  listResourceTemplates(options?: Abortable): Promise<readonly ResourceTemplateDescription[]>;
  /** All prompts, from every page. */
  listPrompts(options?: Abortable): Promise<readonly PromptDescription[]>;
  /**
   * Reads a resource.
   *
   * @throws `unknown_resource` naming the nearest, and the codes of `connect`
   */
  readResource(uri: string, options?: Abortable): Promise<readonly ResourceContents[]>;
  /** Gets a prompt. */
  getPrompt(name: string, args: Readonly<Record<string, string>>, options?: Abortable): Promise<PromptResult>;
  /**
   * Asks for suggestions.
   *
   * @throws `protocol_error` where the server offers none, and the codes of `connect`
   */
  complete(request: CompletionRequest, options?: Abortable): Promise<Completion>;
  /** Asks for a sign of life, in the way of the revision in use. */
  ping(options?: Abortable): Promise<LifeSign>;
}
