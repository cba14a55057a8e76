import type { Attack } from "./attack.ts";
import { escapeAttacks } from "./escape-attacks.ts";
import { networkAttacks } from "./network-attacks.ts";
import { outlastAttacks } from "./outlast-attacks.ts";
import { resourceAttacks } from "./resource-attacks.ts";

/** All programs that every tier is tried with. */
export const attacks: readonly Attack[] = [
  ...resourceAttacks,
  ...outlastAttacks,
  ...escapeAttacks,
  ...networkAttacks,
];
