import { argumentOptionNames, argumentOptions } from "./argument-options.ts";
import { clientHosts } from "./client-hosts.ts";
import { completeCommand, shells } from "./completion-shells.ts";
import { credentialNames, credentialOptions } from "./credential-options.ts";
import { checkClientIdBySource, oauthOptions } from "./oauth-options.ts";
import { doctorOptions } from "./doctor-options.ts";
import { outputOptionNames, outputOptions } from "./output-options.ts";
import { machineOptions } from "./machine-options.ts";
import { honouredVariables, networkOptions } from "./network-options.ts";
import { defineProgram } from "./program.ts";
import { serverConnectionOptions } from "./server-connection-options.ts";
import { serverChoiceOptionNames, serverChoiceOptions } from "./server-choice-options.ts";
import { sharedOptions } from "./shared-options.ts";
import { defineConfigCommand } from "./show-settings.ts";
import { signInOptions } from "./sign-in-options.ts";

const options = {
  ...serverConnectionOptions,
  ...serverChoiceOptions,
  clientId: { ...serverConnectionOptions.clientId, hint: "ID", check: checkClientIdBySource },
  ...signInOptions,
  ...machineOptions,
  ...oauthOptions,
  ...credentialOptions,
  all: {
    kind: "switch",
    flag: "all",
    help: "Call every tool, also those that may change things.",
  },
  calls: {
    kind: "text",
    flag: "calls",
    hint: "FILE",
    help: 'JSON file of calls that take the place of made-up ones: [{"name": "TOOL", "arguments": {}}].',
  },
  ...argumentOptions,
  ...outputOptions,
  ...doctorOptions,
  json: {
    kind: "switch",
    flag: "json",
    help: "Print results and errors as JSON.",
  },
  ...networkOptions,
  logLevel: sharedOptions.logLevel,
  envFile: sharedOptions.envFile,
} as const;

/** The schema of the program's settings. */
export type ClientOptions = typeof options;

const oauth = [
  "oauthClientId",
  "oauthScope",
  "clientSecret",
  "clientSecretFile",
  "clientMetadataUrl",
  "issuer",
  "redirectPort",
] as const;
const machine = ["entraClientSecret", "clientCertificate", "federatedTokenFile", "managedIdentity"] as const;
const signIn = [
  "auth",
  "login",
  "account",
  "tenantId",
  "clientId",
  "scope",
  "cloud",
  "tokenCache",
  ...machine,
  ...oauth,
] as const;
const target = ["url", ...serverChoiceOptionNames] as const;
const connection = [...target, "noAuth", ...signIn, ...credentialNames, "timeout"] as const;
const output = ["json", "caCert", "logLevel", "envFile"] as const;

/** `mcp-client`: its settings and commands. */
export const clientProgram = defineProgram({
  name: "mcp-client",
  summary: "Sign in with Microsoft Entra ID and call the tools of an MCP server.",
  options,
  variables: honouredVariables,
  defaultCommand: "run",
  commands: {
    run: {
      takesServerCommand: true,
      summary: "Sign in if needed, list the tools and call reverse_tool as a first try",
      options: [...connection, "maxTime", "progress", ...output],
      examples: [
        ["mcp-client", "Try the server on this machine."],
        ["mcp-client --no-auth", "Try a server that asks for no token."],
        ["mcp-client --url https://mcp.contoso.com/mcp login", "Sign in to a server of your own."],
        ["mcp-client tools -- npx some-server --flag", "Start a server on this machine and talk to it."],
        ["mcp-client tools --server github", "A server by its name in an mcp.json."],
        [
          "mcp-client call random_number_tool min=1 max=6",
          "Call one tool; its result is on standard output.",
        ],
      ],
    },
    login: {
      summary: "Sign in, by device code or in a browser, and keep the tokens",
      options: [...target, ...signIn, "timeout", ...output],
      examples: [
        ["mcp-client login", "Shows an address and a code to enter there."],
        ["mcp-client login --login browser", "Opens a browser on this machine."],
        [
          "mcp-client login --auth oauth --url https://mcp.example.com/mcp",
          "Signs in with the authorization server that this server names.",
        ],
      ],
    },
    logout: {
      summary: "Forget the tokens that are kept",
      options: [...target, "auth", "account", "tokenCache", ...output],
      examples: [
        ["mcp-client logout", "Then somebody has to sign in again."],
        ["mcp-client logout --account ada@contoso.com", "Forget one of several accounts."],
      ],
    },
    whoami: {
      summary: "Show who is signed in, to which tenant, with which scopes and for how long",
      options: [...target, ...signIn, "timeout", ...output],
      examples: [["mcp-client whoami --json", "The same for scripts."]],
    },
    tools: {
      takesServerCommand: true,
      summary: "List the tools of the server, or describe one",
      positionals: [{ name: "NAME", help: "the tool to describe", completion: "tools" }],
      options: [...connection, ...output],
      examples: [["mcp-client tools reverse_tool", "Shows its arguments and its result."]],
    },
    call: {
      takesServerCommand: true,
      summary: "Call a tool, show its progress and print its result",
      positionals: [
        { name: "TOOL", help: "the tool to call", required: true, completion: "tools" },
        {
          name: "key=value",
          help: "an argument, read by the tool's schema; key:=JSON takes JSON, key=@FILE a file's text, - reads a JSON object from standard input",
          rest: true,
          completion: "tool-arguments",
        },
      ],
      details:
        "Arguments are read by the tool's schema: where it says text, id=007 stays text; where it says integer, n=5 is " +
        "a number; lists and objects are JSON. They are checked against the schema before anything is sent. Of the same " +
        "name a word wins over --args, that over standard input, that over --args-file.",
      options: [
        ...argumentOptionNames,
        ...outputOptionNames,
        ...connection,
        "maxTime",
        "progress",
        ...output,
      ],
      examples: [
        [
          'mcp-client call reverse_tool query="Hello"',
          "Progress on standard error, the result on standard output.",
        ],
        ["mcp-client call random_number_tool min=1 max=6 --json", "The result as MCP gives it."],
      ],
    },
    resources: {
      takesServerCommand: true,
      summary: "List the resources of the server",
      options: [...connection, ...output],
      examples: [["mcp-client resources --json", "As MCP gives them."]],
    },
    templates: {
      takesServerCommand: true,
      summary: "List the resource templates of the server",
      options: [...connection, ...output],
      examples: [["mcp-client templates", 'What "mcp-client read" takes with the variables filled in.']],
    },
    read: {
      takesServerCommand: true,
      summary: "Read a resource",
      positionals: [{ name: "URI", help: "the resource to read", required: true, completion: "resources" }],
      options: [...outputOptionNames, ...connection, "maxTime", ...output],
      examples: [
        ["mcp-client read file:///readme.md", "Its text is on standard output."],
        ["mcp-client read chart://sales -o sales.png", "Its bytes are in a new file."],
      ],
    },
    prompts: {
      takesServerCommand: true,
      summary: "List the prompts of the server",
      options: [...connection, ...output],
      examples: [["mcp-client prompts", "With their arguments; those with a question mark may be left out."]],
    },
    prompt: {
      takesServerCommand: true,
      summary: "Get a prompt with its arguments filled in",
      positionals: [
        { name: "NAME", help: "the prompt to get", required: true, completion: "prompts" },
        {
          name: "key=value",
          help: "an argument; key=@FILE takes a file's text",
          rest: true,
          completion: "prompt-arguments",
        },
      ],
      options: [...outputOptionNames, ...connection, "maxTime", ...output],
      examples: [["mcp-client prompt review code=@main.py", "Its messages are on standard output."]],
    },
    complete: {
      takesServerCommand: true,
      summary: "Ask the server to complete an argument of a prompt or a variable of a resource template",
      positionals: [
        { name: "REF", help: "a prompt's name or a template's URI", required: true },
        { name: "key=START", help: "what is to be completed, and how it begins", required: true },
        { name: "key=value", help: "arguments that are known already", rest: true },
      ],
      options: [...connection, ...output],
      examples: [
        ["mcp-client complete greeting city=Par", "Suggestions, one a line."],
        ["mcp-client complete 'weather://{country}/{city}' city=Par country=fr", "The same for a template."],
      ],
    },
    ping: {
      takesServerCommand: true,
      summary: "Ask the server for a sign of life",
      details: "MCP 2026-07-28 has no ping: there the server is asked what it is (server/discover).",
      options: [...connection, ...output],
      examples: [["mcp-client ping --timeout 2", "Exit code 0 if it answers in time."]],
    },
    token: {
      summary: "Print an access token for the server, renewed if needed; nothing else prints one",
      details:
        "For pipes and scripts. It never asks anybody: without a sign-in it ends with 3. What reads it holds your " +
        "rights at the server until the token ends.",
      options: [...connection, ...output],
      examples: [
        ['curl -H "Authorization: Bearer $(mcp-client token)" ...', "Call the server with something else."],
        ["mcp-client token --json", "With its expiry and scopes."],
      ],
    },
    headers: {
      summary: "Print the headers for the server as JSON, for hosts that call a program for them",
      details: "Takes 9 s at most, and never asks anybody: without a sign-in it ends with 3.",
      options: [...connection, ...output],
      examples: [["mcp-client headers --url https://mcp.contoso.com/mcp", '{"Authorization":"Bearer ..."}']],
    },
    bridge: {
      summary: "Be a local server (stdio) for a host, and pass everything on to the remote one, signed in",
      details:
        "For hosts that start a command: Claude Desktop, VS Code, Cursor and others. Sign in once with " +
        '"mcp-client login"; the bridge renews the token and never asks anybody. Standard output carries the ' +
        "protocol and nothing else; what happens is told on standard error. --timeout and --max-time hold only " +
        "where they are given: the host decides how long it waits.",
      options: [...connection, "maxTime", ...output],
      examples: [
        ["mcp-client bridge --url https://mcp.contoso.com/mcp", "What a host's configuration starts."],
        [
          'mcp-client bridge --url URL --token-command "print-token --for mcp"',
          "With another program's tokens.",
        ],
      ],
    },
    exercise: {
      takesServerCommand: true,
      summary: "Test a server: list everything, call the tools that only read, read resources, get prompts",
      details:
        "Arguments are made from the schemas: required ones only, by const, default, examples, enum and bounds. " +
        "What the server asks for is answered: forms with their defaults, sampling with a fixed text, roots with " +
        "none. Errors do not end it, unless nothing more can be got; the exit code is that of the first one, or 5 " +
        "where only tools reported errors.",
      options: ["all", "calls", ...connection, "maxTime", ...output],
      examples: [
        ["mcp-client exercise --no-auth --url http://localhost:3000/mcp", "Try what does no harm."],
        ["mcp-client exercise --all --json", "Call every tool; the report as one JSON document."],
      ],
    },
    doctor: {
      summary: "Find out what stands between you and the server, step by step, and what to do about it",
      details:
        "Checks name, connection, proxy, TLS, endpoint, metadata, sign-in service, sign-in settings, token, clock, " +
        "protocol and tools, stops at the first that fails, and ends with the exit code of its kind. It never asks " +
        "anybody, calls no tool and shows no token. With --token-file it explains a token instead, as far as " +
        "--scope and --tenant-id say what it should be for.",
      options: ["tokenFile", ...connection, ...output],
      examples: [
        ["mcp-client doctor --url https://mcp.contoso.com/mcp", "One row a check."],
        ["mcp-client doctor --json", "One document, with ids that stay."],
        ["mcp-client doctor --token-file token.txt", "Explains a token without asking anybody."],
      ],
    },
    completion: {
      summary: "Print a script that makes a shell complete commands, flags, tools and arguments",
      details:
        "Names of tools, prompts and resources are asked of the server, with a token that is there already, and kept " +
        "for a minute. It never asks anybody anything, signs nobody in and starts no command.",
      positionals: [{ name: "SHELL", help: shells.join(", "), required: true, completion: shells }],
      options: [...output],
      examples: [
        ['eval "$(mcp-client completion bash)"', "In ~/.bashrc; for zsh in ~/.zshrc with zsh."],
        ["mcp-client completion fish > ~/.config/fish/completions/mcp-client.fish", "For fish."],
        ["mcp-client completion powershell | Out-String | Invoke-Expression", "In $PROFILE."],
      ],
    },
    [completeCommand]: {
      isHidden: true,
      summary: "Complete a command line; for the scripts that completion prints",
      positionals: [{ name: "WORD", help: "a word of the command line", rest: true }],
      options: [],
    },
    config: {
      ...defineConfigCommand("mcp-client", options),
      summary: "Show every setting and where it comes from (show), or print what another host takes (for)",
      details:
        `"config for HOST" prints the JSON that makes ${clientHosts.join(", ")} use the server, with the settings that ` +
        "are given here: as the host's own HTTP client where it can sign in by itself, else through mcp-client bridge. " +
        "It asks nobody, writes no file and prints no secret.",
      positionals: [
        {
          name: "show|for",
          help: "show: the settings; for: what a host takes",
          required: true,
          completion: ["show", "for"],
        },
        { name: "HOST", help: clientHosts.join(", "), completion: clientHosts },
        { name: "NAME", help: "what the host calls the server; by default the first part of its host name" },
      ],
      examples: [
        ["mcp-client config show --json", "All settings, for scripts."],
        ["mcp-client config for vscode --url https://mcp.contoso.com/mcp", "For .vscode/mcp.json."],
        ["mcp-client config for claude contoso --url https://mcp.contoso.com/mcp", "Through the bridge."],
      ],
    },
  },
});
