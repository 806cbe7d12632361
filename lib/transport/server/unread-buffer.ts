/** What a stream's reader has not taken yet. */
export interface UnreadBuffer {
  /** Puts a piece in, unless too much waits already; one piece may go beyond. */
  put(piece: Uint8Array): boolean;
  /** The next piece, as soon as there is one; undefined at the end. */
  take(): Promise<Uint8Array | undefined>;
  /** Nothing more will come. */
  end(): void;
  /** Nothing more will come, and what waits is forgotten. */
  drop(): void;
}

/** Opens a buffer for one reader. */
export function createUnreadBuffer(maxBytes: number): UnreadBuffer {
  let pieces: Uint8Array[] = [];
  let size = 0;
  let isEnded = false;
  let next = Promise.withResolvers<void>();

  function end(): void {
    isEnded = true;
    next.resolve();
  }

  return {
    put(piece) {
      if (isEnded || size >= maxBytes) return false;
      pieces.push(piece);
      size += piece.byteLength;
      next.resolve();
      return true;
    },
    async take() {
      if (pieces.length === 0 && !isEnded) {
        next = Promise.withResolvers();
        await next.promise;
      }
      const piece = pieces.shift();
      size -= piece?.byteLength ?? 0;
      return piece;
    },
    end,
    drop() {
      pieces = [];
      size = 0;
      end();
    },
  };
}
