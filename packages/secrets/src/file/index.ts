export type { Argon2Cost } from "../internal/argon2id.ts";
export type {
  AddSlotOptions,
  GenerationWitness,
  RotateRootKeyOptions,
  SecretFileOptions,
  StoreGeneration,
} from "./options.ts";
export { SecretFile } from "./secret-file.ts";
export type { SlotInfo } from "./slot-info.ts";
