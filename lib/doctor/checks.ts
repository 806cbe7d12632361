import type { Check } from "./check.ts";
import { clockCheck } from "./clock-check.ts";
import { nameCheck, proxyCheck, tcpCheck, tlsCheck } from "./network-checks.ts";
import { eraCheck, toolsCheck } from "./protocol-checks.ts";
import { endpointCheck, metadataCheck } from "./server-checks.ts";
import { authorityCheck, signInCheck } from "./sign-in-checks.ts";
import { tokenCheck } from "./token-check.ts";

/** All checks in their order: each relies on those before it. */
export const checks: readonly Check[] = [
  nameCheck,
  tcpCheck,
  proxyCheck,
  tlsCheck,
  endpointCheck,
  metadataCheck,
  authorityCheck,
  signInCheck,
  tokenCheck,
  clockCheck,
  eraCheck,
  toolsCheck,
];
