/** A whole answer. */
export interface Answer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  readonly body: string;
}

interface Framing {
  readonly status: number;
  /** Undefined: it comes in chunks. */
  readonly length: number | undefined;
}

const lastChunk = "0\r\n\r\n";

function readFraming(head: string): Framing {
  const status = Number(head.slice(9, 12));
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return { status, length: Number(length) };
  return { status, length: /\r\ntransfer-encoding: *chunked/i.test(head) ? undefined : 0 };
}

/** Puts the answers of one connection together; there is never more than one under way. */
export function createAnswerReader(): (piece: string) => Answer | undefined {
  let text = "";
  let lastHead = "";
  let framing: Framing = { status: 0, length: 0 };
  return (piece) => {
    text = text === "" ? piece : text + piece;
    const end = text.indexOf("\r\n\r\n");
    if (end === -1) return undefined;
    const head = text.slice(0, end);
    if (head !== lastHead) framing = readFraming(head);
    lastHead = head;
    const { status, length } = framing;
    const isWhole = length === undefined ? text.endsWith(lastChunk) : text.length >= end + 4 + length;
    if (!isWhole) return undefined;
    const answer = { status, head, body: text.slice(end + 4) };
    text = "";
    return answer;
  };
}
