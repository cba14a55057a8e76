import type { JsonValue } from "@symbiont/kit";
import type { Command } from "commander";
import { type Run, withAction } from "../../program/task.ts";
import { examine } from "./examine.ts";

/** `symbiont doctor`. */
export function configure(doctor: Command, run: Run): void {
  doctor.option("--config <file>", "the configuration to look at", "symbiont.config.json");
  withAction(doctor, run, async ({ config }: { readonly config: string }, task) => {
    const findings = await examine(config, task.terminal.env);
    const bad = findings.filter(({ mark }) => mark === "bad").length;
    const warnings = findings.filter(({ mark }) => mark === "warn").length;
    return {
      data: findings as unknown as JsonValue,
      lines: [
        ...findings.flatMap(({ mark, about, says, fix }) => [
          [mark, `${about.padEnd(12)} ${says}`] as const,
          ...(fix === undefined ? [] : [["note", `${" ".repeat(12)} -> ${fix}`] as const]),
        ]),
        [bad > 0 ? "bad" : "ok", `${bad} not safe or not working, ${warnings} to look at`],
      ],
      no: bad > 0,
    };
  });
}
