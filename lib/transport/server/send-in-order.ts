/** Sends messages one after the other and lets the caller wait until all have gone. */
export interface OrderedSender<Message> {
  send(message: Message): void;
  /** Resolves when everything sent so far has left, or failed to. */
  flush(): Promise<void>;
}

/** Progress must never follow the result: a handler sends through this and flushes before it returns. */
export function createOrderedSender<Message>(
  deliver: (message: Message) => Promise<void>,
): OrderedSender<Message> {
  let last: Promise<void> = Promise.resolve();
  return {
    send(message) {
      // A caller who has gone away does not make the call fail.
      last = last.then(() => deliver(message)).catch(() => {});
    },
    flush: () => last,
  };
}
