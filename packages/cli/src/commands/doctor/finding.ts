import type { Mark } from "../../program/terminal.ts";

/** One thing that was looked at. */
export interface Finding {
  readonly mark: Mark;
  readonly about: string;
  readonly says: string;
  readonly fix?: string;
}
