import { formatInline } from "./format.ts";

/** Deeper parts are shown as JSON. */
const maxDepth = 6;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function Scalar({ value }: { readonly value: unknown }) {
  if (value === "") return <span className="empty">empty text</span>;
  if (typeof value === "string") return <span className="text-value">{value}</span>;
  return <span className="mono">{formatInline(value)}</span>;
}

/** A value as people read it: members by name, lists by number, text as it is. */
export function StructureView({ value, depth = 0 }: { readonly value: unknown; readonly depth?: number }) {
  if (depth >= maxDepth) return <code>{formatInline(value)}</code>;
  if (Array.isArray(value)) {
    if (value.length === 0) return <span className="empty">empty list</span>;
    const items: readonly unknown[] = value;
    return (
      <ol className="items">
        {items.map((item, index) => (
          // Results never change: the place is the identity.
          <li key={String(index)}>
            <StructureView value={item} depth={depth + 1} />
          </li>
        ))}
      </ol>
    );
  }
  if (!isRecord(value)) return <Scalar value={value} />;
  const entries = Object.entries(value);
  if (entries.length === 0) return <span className="empty">nothing</span>;
  return (
    <dl className="members">
      {entries.map(([name, member]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <StructureView value={member} depth={depth + 1} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
