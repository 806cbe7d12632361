import { startProgram } from "../../lib/config/start-program.ts";

await startProgram("mcp-client", () => import("./program.ts"));
