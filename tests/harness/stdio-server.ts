import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { bindFullLegacy, bindFullModern } from "./full-server.ts";

/*
 * The server that offers everything, on standard input and output. The first word says how it is:
 * both | legacy | dies (at the first request that is not initialize) | ends (at once) | clings (to life) |
 * gathers (what it writes, and writes it in one piece)
 */

const [kind = "both"] = process.argv.slice(2);
const note = (text: string) => void process.stderr.write(`${text}\n`);

function diesOfWhatItDoesNotKnow(): void {
  process.stdin.once("data", (chunk: Buffer) => {
    if (!chunk.toString().includes('"initialize"')) process.exit(1);
  });
}

function gatherWhatItWrites(): void {
  const write = process.stdout.write.bind(process.stdout);
  let gathered = "";
  process.stdout.write = (piece) => {
    if (gathered === "") {
      setTimeout(() => {
        write(gathered);
        gathered = "";
      }, 700);
    }
    gathered += String(piece);
    return true;
  };
}

process.stderr.write(
  `\u001B[31m${kind}\u001B[0m in ${process.cwd()} knows ${Object.keys(process.env).join(" ")}\n`,
);
if (kind === "ends") process.exit(3);
if (kind === "dies") diesOfWhatItDoesNotKnow();
if (kind === "clings") {
  process.on("SIGTERM", () => note("has got SIGTERM"));
  setInterval(() => {}, 1000);
}
if (kind === "gathers") gatherWhatItWrites();
if (kind === "both" || kind === "gathers") serveStdio(() => bindFullModern(note));
else await bindFullLegacy(note).connect(new StdioServerTransport() as never);
process.stdin.on("end", () => note("has got the end of its input"));
