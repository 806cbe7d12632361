import { startProgram } from "../../lib/config/start-program.ts";

await startProgram("mcp-server", () => import("./program.ts"));
