import { keyId, thumbprintHex } from "@symbiont/agentpin";
import { importPrivateKeyPem, importPublicKeyPem } from "@symbiont/keys";
import { expect } from "vitest";
import type { VectorFile } from "../../../../scripts/conformance/suite.ts";
import { learn } from "./vector-world.ts";

export const keys: VectorFile = (data, check) => {
  learn(data);
  for (const key of data.keys) {
    check(key.name, () => {
      const publicKey = importPublicKeyPem(key.public_key_pem, { algorithm: "ES256" });
      expect(importPrivateKeyPem(key.private_key_pem).publicKey.thumbprint).toBe(publicKey.thumbprint);
      expect(thumbprintHex(publicKey)).toBe(key.agentpin_thumbprint_hex);
      expect(publicKey.thumbprint).toBe(key.rfc7638_thumbprint_b64u);
      expect(keyId(publicKey)).toBe(key.key_id_hex);
    });
  }
};
