import { useCallback, useState } from "react";

/** What a screen reader is to read out next; a same text twice still differs by its turn. */
export interface Announcement {
  readonly text: string;
  readonly turn: number;
}

/** Keeps the text of the page's one live region. */
export function useAnnouncer(): readonly [Announcement, (text: string) => void] {
  const [announcement, setAnnouncement] = useState<Announcement>({ text: "", turn: 0 });
  const announce = useCallback((text: string) => {
    setAnnouncement(({ turn }) => ({ text, turn: turn + 1 }));
  }, []);
  return [announcement, announce];
}
