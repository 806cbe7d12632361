import type { Shell } from "../../lib/config/completion-shells.ts";
import bash from "./completion/bash.txt" with { type: "text" };
import fish from "./completion/fish.txt" with { type: "text" };
import powershell from "./completion/powershell.txt" with { type: "text" };
import zsh from "./completion/zsh.txt" with { type: "text" };

/**
 * The completion script of each shell. It asks the program for whole words, one a line, each with a tab and a
 * remark; `:file` stands for names of files. Nothing of what comes back is evaluated: `compgen -W` would do that.
 */
export const completionScripts: Readonly<Record<Shell, string>> = { bash, fish, powershell, zsh };
