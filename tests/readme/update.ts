import { writeFileSync } from "node:fs";
import { compareReadme, readmePath } from "./settings-section.ts";

writeFileSync(readmePath, compareReadme().wanted);
