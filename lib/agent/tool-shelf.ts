import type { Abortable } from "../base/abort.ts";
import { toAppError } from "../base/errors.ts";
import type { AgentEvent, EventSink } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import type { Connection, ToolDescription } from "../transport/client/contract.ts";
import { nameTools } from "./tool-names.ts";

/** What the tools come from. */
export type ToolSource = Pick<Connection, "listTools"> & Partial<Pick<Connection, "watchTools">>;

/** What {@link ToolShelf} works with. */
export interface ToolShelfOptions {
  readonly connection: ToolSource;
  readonly emit: EventSink<AgentEvent>;
  readonly log: Log;
}

type NamedTools = ReadonlyMap<string, ToolDescription>;

function namesOf(tools: NamedTools): Set<string> {
  return new Set([...tools.values()].map(({ name }) => name));
}

/** The tools of the server as it listed them last; listed anew once it says that they changed. */
export class ToolShelf {
  readonly #options: ToolShelfOptions;
  #tools: NamedTools;
  #isStale = false;
  #listing: Promise<void> | undefined;

  private constructor(options: ToolShelfOptions, tools: NamedTools) {
    this.#options = options;
    this.#tools = tools;
    // It ends with the connection.
    options.connection.watchTools?.(() => this.expire());
  }

  /** @throws the codes of the connection's `listTools` */
  static async open(options: ToolShelfOptions, { signal }: Abortable): Promise<ToolShelf> {
    const tools = nameTools<ToolDescription>(await options.connection.listTools({ signal }));
    return new ToolShelf(options, tools);
  }

  /** By the name under which a model knows them. */
  get tools(): NamedTools {
    return this.#tools;
  }

  /** Notes that the list is not what the server has. */
  expire(): void {
    this.#isStale = true;
  }

  /** Lists the tools again where they changed. Where that fails, the old list stands until the next time. */
  async refresh(options: Abortable): Promise<void> {
    // Whoever comes while they are listed waits, too.
    await this.#listing;
    if (!this.#isStale) return;
    this.#listing ??= this.#list(options).finally(() => (this.#listing = undefined));
    await this.#listing;
  }

  async #list({ signal }: Abortable): Promise<void> {
    const { connection, log } = this.#options;
    // Before the request: a change while it runs makes the list stale again.
    this.#isStale = false;
    try {
      this.#replace(nameTools<ToolDescription>(await connection.listTools({ signal })));
    } catch (thrown) {
      this.#isStale = true;
      log.debug(`The tools could not be listed again: ${toAppError(thrown).message}`);
    }
  }

  #replace(tools: NamedTools): void {
    const before = namesOf(this.#tools);
    const after = namesOf(tools);
    this.#tools = tools;
    const added = [...after.difference(before)];
    const removed = [...before.difference(after)];
    if (added.length === 0 && removed.length === 0) return;
    this.#options.emit({ type: "tools_changed", added, removed });
  }
}
