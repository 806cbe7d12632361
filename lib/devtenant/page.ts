import { Html, markup } from "./markup.ts";

const style = `
:root { color-scheme: light dark; --ink: #1b1b1f; --soft: #5c5c66; --paper: #f3f4f8; --card: #ffffff;
  --line: #c9cbd6; --accent: #2456c5; --on-accent: #ffffff; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececf1; --soft: #a9abb8; --paper: #15161b; --card: #20222a;
    --line: #444755; --accent: #9db8ff; --on-accent: #10204a; --bad: #ffb4ab; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { width: 100%; max-width: 28rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; }
h1 { margin: 0 0 .75rem; font-size: 1.4rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
.from { margin: 0 0 1.5rem; font-size: .8rem; color: var(--soft); }
.bad { color: var(--bad); font-weight: 600; }
label, legend { padding: 0; font-weight: 600; }
input[type=text] { width: 100%; margin: .4rem 0 1.25rem; padding: .65rem .75rem; color: inherit;
  background: var(--card); border: 1px solid var(--soft); border-radius: .4rem; text-transform: uppercase;
  font: 1.25rem/1.3 ui-monospace, monospace; letter-spacing: .15em; }
fieldset { margin: 0 0 1.25rem; padding: 0; border: 0; }
.person { display: flex; gap: .75rem; align-items: flex-start; margin-top: .5rem; padding: .65rem .75rem;
  border: 1px solid var(--line); border-radius: .4rem; font-weight: 400; cursor: pointer; }
.person:has(:checked) { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.person input { margin: .3rem 0 0; accent-color: var(--accent); }
.person strong, .person small { display: block; overflow-wrap: anywhere; }
small { color: var(--soft); }
ul { margin: 0 0 1.25rem; padding-left: 1.25rem; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; }
button { flex: 1; padding: .65rem 1rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: .4rem; }
button.plain { color: var(--ink); background: transparent; border-color: var(--soft); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;

const styleHash = new Bun.CryptoHasher("sha256").update(style).digest("base64");

/** Nothing is loaded, nothing runs but what we name, nobody frames it, forms go home or to the application. */
function contentSecurityPolicy({ formTargets = [], script }: Page): string {
  const hash =
    script === undefined ? undefined : new Bun.CryptoHasher("sha256").update(script).digest("base64");
  return [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    ...(hash === undefined ? [] : [`script-src 'sha256-${hash}'`]),
    ["form-action 'self'", ...formTargets].join(" "),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; ");
}

/** A page of the dev tenant. */
export interface Page {
  readonly title: string;
  readonly body: Html;
  /** Default 200. */
  readonly status?: number;
  /** Origins beside ours to which its forms go, or are redirected. */
  readonly formTargets?: readonly string[];
  /** Runs at the end of the page. Default: none. */
  readonly script?: string;
}

/** Answers with a whole page. It works without scripts, and none but its own may run. */
export function answerPage(page: Page): Response {
  const { title, body, status = 200, script } = page;
  const document = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - dev tenant</title>
<style>${new Html(style)}</style>
</head>
<body>
<main>
<p class="from">Dev tenant: a look-alike of Microsoft Entra ID on this computer. Not Microsoft, no passwords.</p>
<h1>${title}</h1>
${body}
</main>
${script === undefined ? [] : new Html(`<script>${script}</script>`)}
</body>
</html>
`;
  return new Response(document.toString(), {
    status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": contentSecurityPolicy(page),
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
      // Not no-referrer: with it browsers send "Origin: null" with our own forms, which we refuse.
      "Referrer-Policy": "same-origin",
    },
  });
}
