/** Work that is done once at a time: whoever asks while it runs waits for the same run. */
export interface SingleFlight {
  run(): Promise<void>;
  /** The run under way. */
  current(): Promise<void> | undefined;
}

export function createSingleFlight(work: () => Promise<void>): SingleFlight {
  let running: Promise<void> | undefined;
  return {
    run() {
      running ??= work().finally(() => {
        running = undefined;
      });
      return running;
    },
    current: () => running,
  };
}
