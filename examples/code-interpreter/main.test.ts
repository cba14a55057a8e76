import { expect, test } from "vitest";
import { main, missing } from "./main.ts";

const reason = await missing();
const title = "useful code runs, and nothing of the host is in its reach";

test.skipIf(reason !== undefined)(
  reason === undefined ? title : `${title} (skipped: ${reason})`,
  async () => {
    const lines: string[] = [];
    await main((line) => lines.push(line));
    const results = lines.slice(0, -1).map((line) => JSON.parse(line.split("\n  ")[1] ?? "") as object);
    expect(results).toMatchObject([
      { status: "exited", exitCode: 0, stdout: "385" },
      { status: "exited", exitCode: 0, stdout: expect.stringMatching(/^\[[A-Z', ]*\]\nFalse \['main'\]$/) },
      { status: "exited", exitCode: 1, error: expect.stringMatching(/Error/) },
      { status: "cpu-limit" },
      { exitCode: 1, error: "MemoryError" },
    ]);
    expect(lines.at(-1)).toBe("model: The sum of the squares is 385.");
  },
);
