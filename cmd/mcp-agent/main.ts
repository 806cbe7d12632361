import { startProgram } from "../../lib/config/start-program.ts";

await startProgram("mcp-agent", () => import("./program.ts"));
