import { callMutants } from "./call-mutants.ts";
import { callerMutants } from "./caller-mutants.ts";
import { claimMutants } from "./claim-mutants.ts";
import { directMutants } from "./direct-mutants.ts";
import { doorMutants } from "./door-mutants.ts";
import { keyMutants } from "./key-mutants.ts";
import { listMutants, type Mutant } from "./mutant.ts";
import { signInMutants } from "./sign-in-mutants.ts";
import { tokenMutants } from "./token-mutants.ts";
import { toolMutants } from "./tool-mutants.ts";
import { transportMutants } from "./transport-mutants.ts";
import { webMutants } from "./web-mutants.ts";

/** All checks that `make mutants` switches off. */
export function listAllMutants(): readonly Mutant[] {
  return listMutants([
    ...doorMutants,
    ...tokenMutants,
    ...claimMutants,
    ...callerMutants,
    ...keyMutants,
    ...signInMutants,
    ...webMutants,
    ...transportMutants,
    ...directMutants,
    ...callMutants,
    ...toolMutants,
  ]);
}
