export { type Attack, type AttackSetting, runAttack } from "./attack.ts";
export { attacks } from "./attacks.ts";
