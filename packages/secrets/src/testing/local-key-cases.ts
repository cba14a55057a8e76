import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { KeyMaterial, LocalKeyProvider } from "../key-provider.ts";
import type { KeyProviderCase, LocalKeySetup } from "./key-provider-setup.ts";
import { assertRefuses, assertShowsNothing, spellings } from "./shows-nothing.ts";

const REQUEST = { storeId: "00112233445566778899aabbccddeeff" };

/** What a provider that has the key itself promises. */
export function localKeyCases(setup: LocalKeySetup): readonly KeyProviderCase[] {
  const { open, openMissing, openInvalid, openSilent, secrets } = setup;
  const cases: KeyProviderCase[] = [
    {
      name: "its id is printable, and the same every time",
      run: async () => {
        const provider = await open();
        const { id } = provider;
        strictEqual(provider.type, "local");
        match(id, /^[^\p{Cc}\p{Cs}]{1,4500}$/u);
        await loaded(provider);
        strictEqual(provider.id, id);
        strictEqual((await open()).id, id);
      },
    },
    {
      name: "a raw key is 32 bytes, a passphrase is not empty",
      run: async () => {
        const material = await loaded(await open());
        if (material.kind === "raw") ok(material.key instanceof Uint8Array);
        strictEqual(
          material.kind === "raw" ? material.key.length === 32 : material.passphrase.length > 0,
          true,
        );
      },
    },
    {
      name: "the key is the same every time, one after another and side by side",
      run: async () => {
        const [provider, another] = [await open(), await open()];
        const first = await loaded(provider);
        const all = await Promise.all([loaded(provider), loaded(provider), loaded(another)]);
        for (const other of all) ok(sameKey(other, first), "another key was loaded");
      },
    },
    {
      name: "the bytes belong to the caller, who may zero them",
      run: async () => {
        const provider = await open();
        const [first, second] = [await loaded(provider), await loaded(provider)];
        const bytes = bytesOf(first);
        const before = Uint8Array.from(bytes);
        bytes.fill(0);
        for (const other of [second, await loaded(provider)])
          if (typeof keyOf(other) !== "string") deepStrictEqual(Uint8Array.from(bytesOf(other)), before);
      },
    },
    {
      name: "neither the provider nor its id shows the key",
      run: async () => {
        const provider = await open();
        const hidden = [...secrets, ...hiddenIn(await loaded(provider))];
        assertShowsNothing(provider, hidden);
        assertShowsNothing(provider.id, hidden);
      },
    },
    {
      name: "a call that was aborted before it began is refused",
      run: async () => {
        const reason = new Error("not needed any more");
        const load = (await open()).load({ ...REQUEST, signal: AbortSignal.abort(reason) });
        await assertRefuses(load, "SECRET_ABORTED", secrets);
      },
    },
  ];
  if (openMissing !== undefined)
    cases.push({
      name: "a missing key is undefined, and no error",
      run: async () => strictEqual(await (await openMissing()).load(REQUEST), undefined),
    });
  if (openInvalid !== undefined)
    cases.push({
      name: "what cannot be a key is refused, every time, and does not show",
      run: async () => {
        const provider = await openInvalid();
        for (let round = 0; round < 2; round += 1)
          await assertRefuses(provider.load(REQUEST), "SECRET_KEY_INVALID", secrets);
        assertShowsNothing(provider, secrets);
      },
    });
  if (openSilent !== undefined)
    cases.push(
      {
        name: "an abort ends the wait",
        run: async () => {
          const stop = new AbortController();
          const load = (await openSilent()).load({ ...REQUEST, signal: stop.signal });
          stop.abort();
          await assertRefuses(load, "SECRET_ABORTED", secrets);
        },
      },
      {
        name: "the wait for an answer ends by itself",
        run: async () => assertRefuses((await openSilent()).load(REQUEST), "SECRET_TIMED_OUT", secrets),
      },
    );
  return cases;
}

async function loaded(provider: LocalKeyProvider): Promise<KeyMaterial> {
  const material = await provider.load(REQUEST);
  ok(material !== undefined, "no key was loaded");
  return material;
}

function keyOf(material: KeyMaterial): string | Uint8Array {
  return material.kind === "raw" ? material.key : material.passphrase;
}

function bytesOf(material: KeyMaterial): Uint8Array {
  const key = keyOf(material);
  return typeof key === "string" ? new TextEncoder().encode(key) : key;
}

function sameKey(a: KeyMaterial, b: KeyMaterial): boolean {
  return a.kind === b.kind && Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

function hiddenIn(material: KeyMaterial): readonly string[] {
  const key = keyOf(material);
  return typeof key === "string" ? [key] : spellings(key);
}
