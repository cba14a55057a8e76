/** A place outside the journal's folder where signed checkpoints are kept. */
export interface AnchorStore {
  /** Resolves when the checkpoint is kept. Checkpoints come one at a time and in order. */
  keep(note: string): void | Promise<void>;
  /** The newest checkpoint that was kept; undefined when there is none. Asked when the journal is opened. */
  newest?(): string | undefined | Promise<string | undefined>;
}

/** A function that keeps a signed checkpoint, or an {@link AnchorStore}. */
export type Anchor = AnchorStore | ((note: string) => void | Promise<void>);

/** Keeps a checkpoint. */
export async function keepAnchored(anchor: Anchor, note: string): Promise<void> {
  await (typeof anchor === "function" ? anchor(note) : anchor.keep(note));
}

/** The newest checkpoint that an anchor has, when it can tell. */
export async function newestAnchored(anchor: Anchor): Promise<readonly string[]> {
  const note = typeof anchor === "function" ? undefined : await anchor.newest?.();
  return note === undefined ? [] : [note];
}
