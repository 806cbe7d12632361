/** The shells for which there is a completion script. */
export const shells = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof shells)[number];

/** The command that the scripts call. The word in question comes last, behind a colon: some shells drop empty words. */
export const completeCommand = "__complete";
