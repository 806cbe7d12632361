import { useEffect } from "react";
import type { SignIn, Token } from "../sign-in/sign-in.ts";
import { leadMs, renewalDelayMs } from "./renewal-delay.ts";

/** Also while the network is away: what works again is seen within half a minute. */
const retryMs = 30_000;

interface RenewalOptions {
  readonly signIn: SignIn | undefined;
  readonly token: Token | undefined;
  readonly onToken: (token: Token) => void;
  readonly onFailure: (thrown: unknown) => void;
}

/** Renews the token before it ends, without the person; also when a sleeping computer wakes up. */
export function useRenewal({ signIn, token, onToken, onFailure }: RenewalOptions): void {
  useEffect(() => {
    if (!signIn || !token) return undefined;
    let isOver = false;
    let timer = setTimeout(renew, renewalDelayMs(token, Date.now()));
    function renew() {
      clearTimeout(timer);
      timer = setTimeout(renew, retryMs);
      signIn?.readToken({ isRefused: false }).then(
        (renewed) => void (isOver || onToken(renewed)),
        (thrown: unknown) => void (isOver || onFailure(thrown)),
      );
    }
    const onVisible = () => {
      if (document.visibilityState === "visible" && token.expiresAtMs - Date.now() < leadMs) renew();
    };
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [signIn, token, onToken, onFailure]);
}
