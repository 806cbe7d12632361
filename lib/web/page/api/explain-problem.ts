import type { Problem } from "../../contract.ts";

/** A failure in words for the person in front of the page. */
export interface Explanation {
  readonly title: string;
  /** What happened, and what to do. Server text stays below it, as {@link Problem.detail}. */
  readonly advice: string;
  /** Signing in again can help: as the same person, or as somebody else. */
  readonly remedy: "sign_in" | "other_account" | "retry" | "none";
}

const explanations: Readonly<Record<string, Explanation>> = {
  insufficient_scope: {
    title: "Your account lacks the permission",
    advice:
      "You are signed in, but your account was not given the right to use these tools. Ask the administrator of your organisation to grant it, then sign in again. Or use another account.",
    remedy: "other_account",
  },
  guest_not_allowed: {
    title: "Guests are not let in",
    advice:
      "Your account is a guest in this organisation, and this server admits members alone. Use a member's account.",
    remedy: "other_account",
  },
  missing_role: {
    title: "Your account lacks the role",
    advice: "Ask the administrator of your organisation to assign it to you, then sign in again.",
    remedy: "other_account",
  },
  client_not_allowed: {
    title: "This page is not let in",
    advice:
      "The server's operator allows certain applications only, and the one of this page is not among them.",
    remedy: "none",
  },
  wrong_tenant: {
    title: "This account belongs to another organisation",
    advice: "The server admits accounts of its own organisation. Sign in with such an account.",
    remedy: "other_account",
  },
  access_denied: {
    title: "Your account is not let in",
    advice: "Ask the server's operator, or use another account.",
    remedy: "other_account",
  },
  token_revoked: {
    title: "Your access was withdrawn",
    advice: "The server's operator has denied this sign-in. Ask them why, or use another account.",
    remedy: "other_account",
  },
  sign_in_required: {
    title: "Your sign-in has ended",
    advice: "Sign in again to go on. In a new window, what you see here stays.",
    remedy: "sign_in",
  },
  sign_in_failed: { title: "Signing in did not work", advice: "Try again.", remedy: "sign_in" },
  popup_blocked: {
    title: "The browser blocked the window",
    advice: "Allow windows for this page, or sign in without one.",
    remedy: "none",
  },
  insecure_page: {
    title: "Signing in needs https",
    advice:
      "Browsers keep the cryptography for it from pages over plain http. Open this page by https, or on the server's own machine.",
    remedy: "none",
  },
  unreachable: {
    title: "The server does not answer",
    advice: "It may be stopped, or the network between may be down. Try again in a moment.",
    remedy: "retry",
  },
  connection_lost: {
    title: "The connection broke",
    advice: "The result did not come. Whether the tool finished is not known.",
    remedy: "retry",
  },
  keys_unavailable: {
    title: "The server cannot check sign-ins just now",
    advice: "It waits for the keys of the sign-in service. Try again in a moment.",
    remedy: "retry",
  },
  shutting_down: { title: "The server is stopping", advice: "Try again in a moment.", remedy: "retry" },
  rate_limited: { title: "Too many requests", advice: "Wait a moment, then try again.", remedy: "retry" },
  too_many_calls: {
    title: "Too many calls at once",
    advice: "Let one of the running calls finish, or cancel it, then try again.",
    remedy: "retry",
  },
  timeout: {
    title: "The tool took too long",
    advice: "The server ended it at its time limit.",
    remedy: "none",
  },
  tool_failed: { title: "The tool failed", advice: "", remedy: "none" },
  invalid_arguments: {
    title: "The server did not accept the input",
    advice: "Change it and run the tool again.",
    remedy: "none",
  },
  unknown_tool: {
    title: "This tool is gone",
    advice: "The server no longer offers it. Reload the page to see what it offers now.",
    remedy: "none",
  },
  forbidden_origin: {
    title: "The server does not know this address as its own",
    advice: "Its operator names the address with --public-url or --allowed-origins.",
    remedy: "none",
  },
};

const refusedToken: Explanation = {
  title: "The server does not accept your sign-in",
  advice: "Sign in again. If that does not help, give the reason below to the server's operator.",
  remedy: "sign_in",
};

/** Puts a failure into words. What nobody foresaw keeps the server's own sentence. */
export function explainProblem(problem: Problem): Explanation {
  const known = Object.hasOwn(explanations, problem.code) ? explanations[problem.code] : undefined;
  if (known) return known;
  if (problem.status === 401) return refusedToken;
  if (problem.status === 403) return explanations["access_denied"] ?? refusedToken;
  return { title: "That did not work", advice: "", remedy: problem.status >= 500 ? "retry" : "none" };
}
