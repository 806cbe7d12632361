/* oxlint-disable no-console -- what a dependency may do is what is tested */
import { reserveStdout } from "../../lib/config/reserve-stdout.ts";

const output = reserveStdout();
console.log("log");
console.info("info");
console.debug("debug");
console.table([{ table: 1 }]);
console.dir({ dir: 1 });
console.group("group");
console.warn("warn");
process.stdout.write("written\n");
output.write("frame\n");
