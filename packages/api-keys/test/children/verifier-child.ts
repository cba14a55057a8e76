// Another process with the same store: verifies and revokes what it is told to.
import { ApiKeyError, ApiKeys } from "@symbiont/api-keys";
import { openStore, type StoreSpec } from "../open-store.ts";

const opened = openStore(JSON.parse(process.argv[2] as string) as StoreSpec);
const keys = new ApiKeys({ store: opened.store, lastUsedMs: 0 });

async function answer({ verify, revoke }: { verify?: string; revoke?: string }): Promise<string> {
  try {
    if (revoke !== undefined) await keys.revoke(revoke, "by the other");
    else await keys.verify(verify as string);
    return "ok";
  } catch (error) {
    return ApiKeyError.is(error) ? error.code : String(error);
  }
}

process.on("message", (message: { verify?: string; revoke?: string }) => {
  void answer(message).then((result) => process.send?.(result));
});
process.on("disconnect", () => void opened.close());
process.send?.("ready");
