import { encodeBase64 } from "@symbiont/kit";
import { encodeRecord } from "./encoded-record.ts";
import { Entry } from "./entry.ts";
import type { JournalSettings } from "./journal-options.ts";
import { serviceRecord } from "./service-record.ts";

/** What a journal says about itself, for which nobody waits. */
export class OwnRecords {
  readonly #settings: Pick<JournalSettings, "clock" | "origin">;
  #echo: Entry | undefined;

  constructor(settings: Pick<JournalSettings, "clock" | "origin">) {
    this.#settings = settings;
  }

  entry(
    type: Parameters<typeof serviceRecord>[1],
    data: Parameters<typeof serviceRecord>[2],
    of?: number,
  ): Entry {
    const { clock, origin } = this.#settings;
    const encoded = encodeRecord(serviceRecord(origin, type, data, of));
    return new Entry({ encoded, time: clock.now(), durability: "record" });
  }

  /** Has the lines themselves say how far a checkpoint reached. */
  echo(size: number, root: Uint8Array): void {
    this.#echo = this.entry("journal.checkpoint", { size, root: encodeBase64(root) });
  }

  /** A batch of records, and before them the newest checkpoint: by itself it is no reason to write. */
  withEcho(batch: Entry[]): Entry[] {
    const [first] = batch;
    if (this.#echo === undefined || first === undefined) return batch;
    // Those that waited while it was signed are older: they must not look as if the clock had gone back.
    const echo = this.#echo;
    echo.time = Math.min(echo.time, first.time);
    this.#echo = undefined;
    return [echo, ...batch];
  }
}
