import type { RequestId } from "../message.ts";

/** A request of a session that has no answer yet. */
export interface RunningRequest {
  /** Whether its stream is for its answer alone: it did not come in a batch. */
  readonly isAlone: boolean;
  /** Called once, when the request is over for whatever reason. */
  readonly release: () => void;
  /** Ends what was begun for it, where that is not the session's server. */
  readonly cancel?: () => void;
}

/** The requests of one session that have no answer yet. */
export interface RunningRequests {
  get(id: RequestId): RunningRequest | undefined;
  begin(id: RequestId, request: RunningRequest): void;
  end(id: RequestId): void;
  /** Ends all: the session is over. */
  endAll(): void;
}

export function createRunningRequests(): RunningRequests {
  const running = new Map<RequestId, RunningRequest>();

  function end(id: RequestId): void {
    const request = running.get(id);
    running.delete(id);
    request?.release();
  }

  return {
    get: (id) => running.get(id),
    begin: (id, request) => void running.set(id, request),
    end,
    endAll() {
      for (const [id, request] of running) {
        request.cancel?.();
        end(id);
      }
    },
  };
}
