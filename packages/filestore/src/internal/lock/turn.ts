import type { Deadline } from "./deadline.ts";

const lastTurns = new Map<string, Promise<void>>();

/**
 * Waits until nobody else in this process works on `key`, in order of arrival.
 * @returns the function that lets the next one in.
 */
export async function takeTurn(key: string, deadline: Deadline): Promise<() => void> {
  const before = lastTurns.get(key);
  let leave!: () => void;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const turn = before === undefined ? left : before.then(() => left);
  lastTurns.set(key, turn);
  void turn.then(() => lastTurns.get(key) === turn && lastTurns.delete(key));
  try {
    if (before !== undefined) await deadline.waitFor(before);
  } catch (error) {
    leave();
    throw error;
  }
  return leave;
}
