import { version } from "../../package.json";

/** The version of all three programs. */
export const programVersion: string = version;
