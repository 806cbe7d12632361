// make stress: 20 processes x 50 renewals from one cache, at a tenant where each refresh token is good once.
import { stressSharedCache } from "./shared-cache.ts";

const [processes = 20, refreshes = 50] = process.argv.slice(2).map(Number);
const { renewed, failures, answers, seen, seconds, left } = await stressSharedCache({ processes, refreshes });
const rows = [
  ["Renewals", `${renewed} of ${processes * refreshes} by ${processes} processes in ${seconds.toFixed(1)} s`],
  ["Failures", failures.length === 0 ? "none" : failures.join(" ")],
  ["Tenant", JSON.stringify(answers)],
  [
    "Watcher",
    `${seen.looks} looks, ${seen.changes} states, ${seen.neighbours} files beside it, absent ${seen.absent}`,
  ],
  ["Saw", `invalid JSON ${seen.invalid}, wider than 0600 ${seen.wide}`],
  ["Left", left.join(" ")],
];
for (const [name = "", text = ""] of rows) process.stdout.write(`${name.padEnd(10)}${text}\n`);
const isGood = renewed === processes * refreshes && seen.invalid === 0 && seen.wide === 0 && seen.looks > 0;
process.exitCode = isGood ? 0 : 1;
