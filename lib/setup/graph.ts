import type { Abortable } from "../base/abort.ts";
import { isJsonObject, type JsonObject, toJsonObject } from "../base/json.ts";
import type { sharedOptions } from "../config/shared-options.ts";
import type { RunAz } from "./run-az.ts";

export type CloudName = (typeof sharedOptions.cloud.choices)[number];

/** What the Azure CLI calls a cloud, and where its directory is. */
interface CloudFacts {
  readonly azName: string;
  readonly graphUrl: string;
  readonly loginUrl: string;
}

/** @see Microsoft: "Microsoft Graph national cloud deployments", "az cloud list" */
export const clouds: Readonly<Record<CloudName, CloudFacts>> = {
  public: {
    azName: "AzureCloud",
    graphUrl: "https://graph.microsoft.com",
    loginUrl: "https://login.microsoftonline.com",
  },
  usgov: {
    azName: "AzureUSGovernment",
    graphUrl: "https://graph.microsoft.us",
    loginUrl: "https://login.microsoftonline.us",
  },
  china: {
    azName: "AzureChinaCloud",
    graphUrl: "https://microsoftgraph.chinacloudapi.cn",
    loginUrl: "https://login.partner.microsoftonline.cn",
  },
};

/** A change in the directory. Paths begin below the version, e.g. `/applications`. */
export interface GraphChange {
  readonly method: "POST" | "PATCH";
  readonly path: string;
  readonly body: JsonObject;
}

/** The words of the `az` that makes a change, without its body. */
export function wordsOf({ method, path }: GraphChange, cloud: CloudName): readonly string[] {
  const url = `${clouds[cloud].graphUrl}/v1.0${path}`;
  return ["rest", "--method", method, "--url", url, "--headers", "Content-Type=application/json"];
}

/** The directory, through the Azure CLI. What is refused is thrown as {@link AzRefusal}. */
export interface Graph {
  /** The objects of a collection that a filter finds. */
  find(path: string, filter: string, options: Abortable): Promise<readonly JsonObject[]>;
  /** @returns what was created; an empty object for a change */
  change(change: GraphChange, options: Abortable): Promise<JsonObject>;
}

/** Opens the directory of the tenant that the Azure CLI is signed in to. */
export function openGraph(runAz: RunAz, cloud: CloudName): Graph {
  const base = `${clouds[cloud].graphUrl}/v1.0`;
  return {
    async find(path, filter, { signal }) {
      const query = ["--uri-parameters", `$filter=${filter}`];
      const answer = await runAz(["rest", "--method", "GET", "--url", `${base}${path}`, ...query], {
        signal,
      });
      const { value } = toJsonObject(answer);
      return Array.isArray(value) ? value.filter(isJsonObject) : [];
    },
    async change(change, { signal }) {
      return toJsonObject(await runAz(wordsOf(change, cloud), { body: change.body, signal }));
    },
  };
}
