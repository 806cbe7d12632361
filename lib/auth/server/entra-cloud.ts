/** Where a Microsoft cloud, or the dev tenant in its place, issues tokens. Both without trailing slash. */
export interface EntraCloud {
  /** Issues v2.0 tokens as `<loginUrl>/<tid>/v2.0`. */
  readonly loginUrl: string;
  /** Issues v1.0 tokens as `<stsUrl>/<tid>/`. */
  readonly stsUrl: string;
}

/**
 * The Microsoft clouds.
 *
 * @see Microsoft: "National clouds" (authentication-national-cloud)
 */
export const entraClouds = {
  public: { loginUrl: "https://login.microsoftonline.com", stsUrl: "https://sts.windows.net" },
  usgov: { loginUrl: "https://login.microsoftonline.us", stsUrl: "https://sts.windows.net" },
  china: { loginUrl: "https://login.partner.microsoftonline.cn", stsUrl: "https://sts.chinacloudapi.cn" },
} as const satisfies Record<string, EntraCloud>;
