import { type Anchor, type AnchorStore, keepAnchored, newestAnchored } from "./anchor.ts";

/** Keeps each checkpoint in all of several anchors: it counts as kept when every one has it. */
export function allAnchors(anchors: readonly Anchor[]): AnchorStore {
  if (anchors.length === 0) throw new RangeError("anchors must name at least one");
  return {
    keep: async (note) => {
      await Promise.all(anchors.map(async (anchor) => keepAnchored(anchor, note)));
    },
    newest: async () => {
      const notes = (await Promise.all(anchors.map(newestAnchored))).flat();
      // The one that covers most; which of them are true is found out when they are verified.
      return notes.sort((a, b) => sizeOf(a) - sizeOf(b)).at(-1);
    },
  };
}

function sizeOf(note: string): number {
  return Number(note.split("\n")[1]);
}
