/** Whether servers in tests have the direct path. `without-direct-path.test.ts` runs the same tests without it. */
export const isDirectPathOn = process.env["MCP_TEST_DIRECT_PATH"] !== "off";
