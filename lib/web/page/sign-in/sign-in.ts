/** Who signed in, as the sign-in service says it. For display only: the server decides by the token. */
export interface Account {
  readonly name: string;
  readonly username: string;
  readonly tenantId: string;
}

/** A token and until when it is good. */
export interface Token {
  readonly text: string;
  /** Milliseconds since the Unix epoch, by this computer's clock. */
  readonly expiresAtMs: number;
  /** Short names. */
  readonly scopes: readonly string[];
}

/** In the same window, by leaving the page and coming back, or in one of its own. */
export type SignInWay = "redirect" | "popup";

export interface SignInOptions {
  readonly way: SignInWay;
  /** Lets the person choose another account. */
  readonly isOther?: boolean;
}

/** Signing in, for one application at one authority. Every method throws `ProblemError`. */
export interface SignIn {
  /** Who is signed in. */
  account(): Account | undefined;
  /** By redirect it ends with the page. */
  signIn(options: SignInOptions): Promise<void>;
  /** Leaves the page; what was kept here is forgotten first. */
  signOut(): Promise<void>;
  /**
   * A token that is good for some minutes more, renewed without the person where need be.
   *
   * @param options.isRefused whether the server refused the last one: then it is renewed in any case
   */
  readToken(options: { readonly isRefused: boolean }): Promise<Token>;
}
