import { createCipheriv, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";
import { constantTimeEqual } from "@symbiont/kit";
import { seal } from "@symbiont/kit/aead";
import type { Bench } from "../../../scripts/bench/bench.ts";

const key = createSecretKey(new Uint8Array(32).fill(7));
const plaintext = new Uint8Array(1024).fill(1);
const associatedData = new Uint8Array(16);
const digest = randomBytes(32);
const same = Uint8Array.from(digest);

export const benches: readonly Bench[] = [
  {
    name: "AES-256-GCM seal, 1 KiB",
    ours: () => seal(key, plaintext, associatedData),
    floor: () => {
      const cipher = createCipheriv("aes-256-gcm", key, randomBytes(12), { authTagLength: 16 });
      cipher.setAAD(associatedData);
      const body = cipher.update(plaintext);
      cipher.final();
      return [body, cipher.getAuthTag()];
    },
    floorName: "node:crypto with a random nonce, parts not joined",
    maxFloorRatio: 1.25,
  },
  {
    name: "constant-time compare, 32 B",
    ours: () => constantTimeEqual(digest, same),
    floor: () => timingSafeEqual(digest, same),
    floorName: "timingSafeEqual",
  },
];
