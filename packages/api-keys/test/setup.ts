import { ApiKeys, MemoryStore } from "@symbiont/api-keys";
import { AuditList } from "./audit-list.ts";
import { ManualClock } from "./manual-clock.ts";

/** What every refusal looks like, whatever its reason. */
export const refused = { code: "API_KEY_REFUSED", message: "the API key is not valid", retryable: false };

/** Fast keys in memory, with a clock that stands still and an audit list. */
export function fastKeys(options: Partial<ConstructorParameters<typeof ApiKeys>[0]> = {}) {
  const store = new MemoryStore();
  const clock = new ManualClock();
  const audit = new AuditList();
  const peppers = [{ id: "p1", key: new Uint8Array(32).fill(1) }];
  const keys = new ApiKeys({ store, clock, audit, hashing: "hmac-sha256", peppers, ...options });
  const reason = (): unknown => audit.records.at(-1)?.data?.["reason"];
  const verified = async (details: Parameters<ApiKeys["create"]>[0] = { agents: ["a"] }) => {
    const { token, key } = await keys.create(details);
    return { keyId: key.keyId, key: await keys.verify(token.reveal()) };
  };
  return { store, clock, audit, keys, reason, verified };
}
