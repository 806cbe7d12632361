import type { PageConfig } from "../../contract.ts";

interface BarProps {
  readonly product: PageConfig["product"] | undefined;
  /** Absent where nobody is signed in. */
  readonly account: { readonly name: string } | undefined;
  readonly onSignOut: () => void;
}

/** The head of the page. */
export function Bar({ product, account, onSignOut }: BarProps) {
  return (
    <header className="bar">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <div className="bar-inner">
        <span className="mark" aria-hidden="true" />
        <span className="brand">{product?.name ?? "mcp-entra"}</span>
        {product ? <span className="version">{product.version}</span> : null}
        {account ? (
          <div className="bar-end">
            <span className="bar-name">{account.name}</span>
            <button type="button" className="button small" onClick={onSignOut}>
              Sign out
            </button>
          </div>
        ) : null}
      </div>
    </header>
  );
}
