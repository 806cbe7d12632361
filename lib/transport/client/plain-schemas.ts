import { config } from "zod/v4/core";

/*
 * Imported before the SDK. zod writes code for each schema when it first parses with it, which pays for servers that
 * parse for days; a client that lists tools and ends loses a tenth of its time to it.
 */
config({ jitless: true });
