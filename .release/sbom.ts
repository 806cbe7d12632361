import { type LockedPackage, readLock, readProduct, runCommand } from "./lock.ts";

interface Dependency {
  readonly ref: string;
  readonly dependsOn?: readonly string[];
}

interface Component {
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
}

/** A CycloneDX document, as far as this looks at it. */
export interface Sbom {
  serialNumber: string;
  metadata: { timestamp: string; component: { "bom-ref": string; name: string; type: string } };
  components: Component[];
  dependencies: Dependency[];
}

function keepShipped(sbom: Sbom, packages: readonly LockedPackage[]): void {
  const shipped = new Set(packages.map(({ name, version }) => `${name}@${version}`));
  const root = sbom.metadata.component["bom-ref"];
  sbom.components = sbom.components.filter((component) => shipped.has(component["bom-ref"]));
  sbom.dependencies = sbom.dependencies
    .filter(({ ref }) => ref === root || shipped.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => shipped.has(other)) }));
}

function describeBun() {
  const version = readLock().find(({ name }) => name === "bun")?.version ?? "";
  const purl = `pkg:npm/bun@${version}`;
  const licenses = [{ license: { id: "MIT" } }];
  return {
    "bom-ref": `bun@${version}`,
    type: "platform",
    name: "bun",
    version,
    scope: "required",
    purl,
    licenses,
  };
}

/** A name for the same contents, in the form of a UUID (RFC 9562, version 8). */
function nameContents(text: string): string {
  const hex = new Bun.CryptoHasher("sha256").update(text).digest("hex");
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, variant + hex.slice(17, 20)];
  return `urn:uuid:${[...parts, hex.slice(20, 32)].join("-")}`;
}

/**
 * The software bill of materials (CycloneDX 1.5), as npm writes it from package-lock.json, without what the
 * programs do not contain, with Bun added, and with nothing in it that differs from one build of a commit to the next.
 *
 * @param packages what the programs contain
 * @param builtAt of the commit
 * @see https://docs.npmjs.com/cli/commands/npm-sbom
 */
export function createSbom(packages: readonly LockedPackage[], builtAt: Date): string {
  const text = runCommand(["npm", "sbom", "--package-lock-only", "--sbom-format=cyclonedx"]);
  const sbom = JSON.parse(text) as Sbom;
  keepShipped(sbom, packages);
  sbom.metadata.timestamp = builtAt.toISOString();
  sbom.metadata.component.name = readProduct().name;
  sbom.metadata.component.type = "application";
  const components = [...sbom.components, describeBun()];
  sbom.components = components.toSorted((a, b) => a["bom-ref"].localeCompare(b["bom-ref"], "en"));
  sbom.serialNumber = "";
  sbom.serialNumber = nameContents(JSON.stringify(sbom));
  return `${JSON.stringify(sbom, undefined, 2)}\n`;
}
