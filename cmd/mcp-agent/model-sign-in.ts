import { authorityOfCloud } from "../../lib/auth/client/authority.ts";
import type { SignInPlan } from "../../lib/auth/client/destination.ts";
import type { EntraTokens } from "../../lib/auth/client/entra-tokens.ts";
import { createTokens } from "../../lib/auth/client/open-tokens.ts";
import type { Abortable } from "../../lib/base/abort.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { Log } from "../../lib/base/log.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import type { AccessTokens } from "../../lib/transport/client/connect.ts";
import type { Person } from "./person.ts";
import { signInPromptsOf } from "./sign-in-prompts.ts";

/** What tokens for Azure OpenAI are asked for. Their one reader is Azure: `openModel` sees to it. */
const modelScope = "https://cognitiveservices.azure.com/.default";

type Identity = Pick<SignInPlan, "authority" | "clientId">;

/** The sign-in at a model in place of a key. */
export interface ModelSignIn {
  /** For `openModel`: never asks anybody. */
  readonly tokens: Pick<AccessTokens, "getToken">;
  /**
   * Makes sure between turns that there is a token; asks a person where one sits there.
   *
   * @param plan how the server's sign-in is made; absent where it needs none
   */
  ensureSignedIn(plan: SignInPlan | undefined, options: Abortable): Promise<void>;
}

function readIdentity({ values }: Context<AgentOptions>, plan: SignInPlan | undefined): Identity {
  if (plan) return plan;
  const { tenantId, clientId, cloud } = values;
  if (tenantId !== undefined && clientId !== undefined) {
    return { authority: authorityOfCloud(cloud, tenantId), clientId };
  }
  throw new AppError(
    "invalid_config",
    "To sign in at the model, a tenant and a client id have to be known.",
    {
      hint: "Give --tenant-id and --client-id, or a server that is signed in to.",
    },
  );
}

/** The usual hint is about the server's sign-in, which `mcp-client` can do, too. */
function explainSignIn(thrown: unknown): unknown {
  if (!(thrown instanceof AppError) || thrown.code !== "sign_in_required") return thrown;
  return new AppError("sign_in_required", "The model wants a sign-in, and nobody can be asked now.", {
    cause: thrown,
    hint: "Start mcp-agent on a terminal with the same options and sign in there once.",
  });
}

/**
 * Signs in at Azure OpenAI with the identity of the server's sign-in: the same tenant, client and token cache, so that
 * who is signed in there is not asked again.
 */
export function createModelSignIn(
  context: Context<AgentOptions>,
  { person, log }: { readonly person: Person | undefined; readonly log: Log },
): ModelSignIn {
  const { io, values } = context;
  let sources: { readonly asking: EntraTokens; readonly silent: EntraTokens } | undefined;
  const open = (plan: SignInPlan | undefined) => {
    const identity = readIdentity(context, plan);
    const wanted = { ...identity, scope: modelScope, url: values.baseUrl ?? "" };
    const options = { settings: context, environment: io.environment, log };
    const prompts = signInPromptsOf(context, person);
    return { asking: createTokens(wanted, { ...options, prompts }), silent: createTokens(wanted, options) };
  };
  return {
    tokens: {
      async getToken(request) {
        if (!sources) throw new AppError("sign_in_required", "Nobody has signed in at the model yet.");
        return sources.silent.getToken(request).catch((thrown: unknown) => {
          throw explainSignIn(thrown);
        });
      },
    },
    async ensureSignedIn(plan, { signal }) {
      sources ??= open(plan);
      await sources.asking.getToken(signal ? { signal } : {}).catch((thrown: unknown) => {
        throw explainSignIn(thrown);
      });
    },
  };
}
