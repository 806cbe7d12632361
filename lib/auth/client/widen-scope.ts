/** What a scope belongs to: all before its last part, e.g. `api://<id>`. */
function resourceOf(scope: string): string {
  return scope.slice(0, Math.max(scope.lastIndexOf("/"), 0)).toLowerCase();
}

/**
 * Adds the scopes that a server asks for to those that its token has. Only scopes of the same API count: a server
 * does not get a token for somebody else's by asking for it.
 *
 * @returns undefined where nothing is to be added
 */
export function widenScope(scope: string, wanted: string | undefined): string | undefined {
  const had = scope.trim().split(/\s+/);
  const resource = resourceOf(had[0] ?? "");
  const known = new Set(had.map((word) => word.toLowerCase()));
  // `.default` is everything that was granted, and goes with no other scope (AADSTS70011).
  if (resource === "" || known.has(`${resource}/.default`)) return undefined;
  const words = (wanted ?? "").split(/\s+/).filter((word) => word !== "" && word.length <= 256);
  const added = words.slice(0, 20).filter((word) => {
    return resourceOf(word) === resource && !word.endsWith("/.default") && !known.has(word.toLowerCase());
  });
  return added.length === 0 ? undefined : [...had, ...new Set(added)].join(" ");
}
