import type { Me } from "../../contract.ts";
import type { Account, Token } from "../sign-in/sign-in.ts";
import { formatLeft } from "./format.ts";
import { useNow } from "./use-now.ts";

interface IdentityProps {
  readonly account: Account;
  /** Absent where the server does not let the person in. */
  readonly me: Me | undefined;
  readonly token: Token | undefined;
}

const soonMs = 120_000;

function TimeLeft({ token }: { readonly token: Token }) {
  const isSoon = token.expiresAtMs - Date.now() < soonMs;
  const now = useNow(isSoon ? 1000 : 15_000);
  return <span className="steady">{formatLeft(token.expiresAtMs - now)}</span>;
}

/** Who the person is to the server. */
export function Identity({ account, me, token }: IdentityProps) {
  const caller = me?.caller ?? undefined;
  const scopes = caller?.scopes ?? token?.scopes ?? [];
  return (
    <dl className="identity" aria-label="Signed in as">
      <div>
        <dt>Name</dt>
        <dd>{caller?.name ?? account.name}</dd>
      </div>
      <div>
        <dt>Account</dt>
        <dd>{caller?.username ?? account.username}</dd>
      </div>
      <div>
        <dt>Tenant</dt>
        <dd className="mono">{caller?.tenantId ?? account.tenantId}</dd>
      </div>
      <div>
        <dt>Scopes</dt>
        <dd className="mono">{scopes.length === 0 ? "none" : scopes.join(" ")}</dd>
      </div>
      <div>
        <dt>Time left</dt>
        <dd>{token ? <TimeLeft token={token} /> : "unknown"}</dd>
      </div>
    </dl>
  );
}
