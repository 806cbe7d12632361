/** Near misses and near hits of each rule of the table, all signed again. */
import { dropMember, type Draft, type Mutator, setMember, text } from "./draft.ts";
import { pickOddValue } from "./odd-values.ts";
import type { Random } from "./random.ts";
import {
  accts,
  audiences,
  foreignIdps,
  graph,
  idtyps,
  issuers,
  oddTimes,
  roles,
  scopeNames,
  scopes,
  tenants,
  versionValues,
} from "./near-misses.ts";
import * as setting from "./setting.ts";

/** Distances from an edge: on it, a little and a lot to either side. */
const distances = [-86400, -61, -60, -2, -1, -0.5, -0.001, 0, 0.001, 0.5, 1, 2, 60, 61, 86400];
const minuteAway = [-60, 60];
function changeTime(draft: Draft, random: Random): void {
  const name = random.pick(["exp", "nbf", "iat"]);
  const edge = draft.nowSeconds + (name === "exp" ? -setting.skewSeconds : setting.skewSeconds);
  const around = random.oneIn(6) ? draft.nowSeconds + random.pick(minuteAway) * random.next() : edge;
  setMember(draft.claims, name, text(around + random.pick(distances)));
}

const pickVersion = (random: Random) => random.pick(random.oneIn(3) ? versionValues : ['"1.0"', '"2.0"']);

function crossVersions(draft: Draft, random: Random): void {
  setMember(draft.claims, "ver", pickVersion(random));
  const version = random.pick(setting.versions);
  setMember(draft.claims, "iss", text(setting.issuerOf(draft.authority, version)));
  const audience = random.pick([setting.apiClientId, ...setting.appIdUris]);
  setMember(draft.claims, "aud", text(audience));
  for (const name of ["azp", "appid"]) {
    if (random.oneIn(3)) dropMember(draft.claims, name);
    else setMember(draft.claims, name, random.oneIn(8) ? pickOddValue(random) : text(setting.clientApp));
  }
}

function changeGuest(draft: Draft, random: Random): void {
  const iss = setting.issuerOf(draft.authority, draft.version);
  const near = [`${iss}/`, iss.toUpperCase(), ` ${iss}`, ...issuers(draft.authority)];
  const idps = random.pick([[iss], [iss], foreignIdps, near, near]);
  if (random.oneIn(2)) setMember(draft.claims, "acct", random.pick(accts));
  else if (random.oneIn(4)) setMember(draft.claims, "idp", random.oneIn(2) ? "null" : pickOddValue(random));
  else setMember(draft.claims, "idp", text(random.pick(idps)));
}

function changeApp(draft: Draft, random: Random): void {
  if (random.oneIn(2)) setMember(draft.claims, "idtyp", random.pick(idtyps));
  if (random.oneIn(2)) setMember(draft.claims, "roles", random.pick(roles));
  if (random.oneIn(2)) dropMember(draft.claims, "scp");
}

/** The right scope in a wrong place. */
function misplaceScope(draft: Draft, random: Random): void {
  const value = text(setting.requiredScope);
  setMember(draft.claims, random.pick(scopeNames), random.oneIn(2) ? value : `[${value}]`);
  if (random.oneIn(2)) dropMember(draft.claims, "scp");
  else setMember(draft.claims, "scp", random.pick(['"read"', '""', '"read write"']));
}

/** What should be text is a list, and the right text is in it. */
function listText(draft: Draft, random: Random): void {
  const name = random.pick(["aud", "scp", "iss", "tid", "ver", "sub"]);
  const member = draft.claims.members.find((candidate) => candidate.name === text(name));
  if (member)
    member.value = random.pick([`[${member.value}]`, `["x",${member.value}]`, `[[${member.value}]]`]);
}

/** Two faults at once: expired, and a person or app that may not. */
function expireAnd(draft: Draft, random: Random): void {
  setMember(
    draft.claims,
    "exp",
    text(draft.nowSeconds - setting.skewSeconds - random.pick([0, 0.25, 1, 1000])),
  );
  random.pick([changeGuest, changeApp, (other: Draft) => setMember(other.claims, "scp", '"read"')])(
    draft,
    random,
  );
}

function makeIdToken(draft: Draft, random: Random): void {
  dropMember(draft.claims, random.oneIn(4) ? "oid" : "scp");
  dropMember(draft.claims, draft.version === "2.0" ? "azp" : "appid");
  setMember(draft.claims, "nonce", '"n-0S6_WzA2Mj"');
  setMember(draft.claims, "aud", text(random.pick([setting.apiClientId, setting.clientApp])));
}

function makeGraphToken(draft: Draft, random: Random): void {
  setMember(draft.header, "nonce", '"header-nonce"');
  setMember(draft.claims, "aud", text(random.pick([graph, "https://graph.microsoft.com"])));
  if (random.oneIn(2)) setMember(draft.claims, "scp", '"User.Read execute"');
}

const pickText = (name: string, values: (draft: Draft) => readonly string[]): Mutator["change"] => {
  return (draft, random) => setMember(draft.claims, name, text(random.pick(values(draft))));
};

/** One mutator for each rule, and some that break several at once. */
export const ruleMutators: readonly Mutator[] = [
  { name: "rule: issuer", change: pickText("iss", ({ authority }) => issuers(authority)) },
  {
    name: "rule: audience",
    change: (draft, random) => setMember(draft.claims, "aud", text(random.pick(random.pick(audiences)))),
  },
  { name: "rule: scope", change: pickText("scp", () => scopes) },
  {
    name: "rule: version",
    change: (draft, random) => setMember(draft.claims, "ver", random.pick(versionValues)),
  },
  { name: "rule: version, issuer, audience and client crossed", change: crossVersions },
  { name: "rule: times at the edge", change: changeTime },
  {
    name: "rule: times that are none",
    change: (draft, random) =>
      setMember(draft.claims, random.pick(["exp", "nbf", "iat"]), random.pick(oddTimes)),
  },
  {
    name: "rule: tenant",
    change(draft, random) {
      const tenant = random.pick(tenants);
      setMember(draft.claims, "tid", text(tenant));
      if (!random.oneIn(3)) return;
      setMember(draft.claims, "iss", text(setting.issuerOf(draft.authority, draft.version, tenant)));
    },
  },
  {
    name: "rule: subject and client",
    change(draft, random) {
      const names = ["sub", draft.version === "2.0" ? "azp" : "appid"];
      const value = random.oneIn(2)
        ? pickOddValue(random)
        : text(random.pick(["", " ", "\0", "x", "'; --", "\u00e9"]));
      setMember(draft.claims, random.pick(names), value);
    },
  },
  {
    name: "rule: the other version's client",
    change(draft, random) {
      const [own, other] = draft.version === "2.0" ? ["azp", "appid"] : ["appid", "azp"];
      setMember(draft.claims, other, text(setting.clientApp));
      if (random.oneIn(2)) dropMember(draft.claims, own);
    },
  },
  { name: "rule: the scope in a wrong place", change: misplaceScope },
  { name: "rule: a list in place of a text", change: listText },
  { name: "rule: guests", change: changeGuest },
  { name: "rule: applications", change: changeApp },
  { name: "rule: expired, and not permitted either", change: expireAnd },
  { name: "rule: an id token", change: makeIdToken },
  { name: "rule: a Graph token", change: makeGraphToken },
];
