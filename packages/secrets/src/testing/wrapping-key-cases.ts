import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { WrappedKey } from "../key-provider.ts";
import type { KeyProviderCase, WrappingKeySetup } from "./key-provider-setup.ts";
import { assertRefuses, assertShowsNothing, spellings } from "./shows-nothing.ts";

const REQUEST = { storeId: "00112233445566778899aabbccddeeff" };
const ROOT_KEY = Uint8Array.from({ length: 32 }, (_, index) => (index * 37 + 11) & 255);

/** What a provider that wraps keys promises. */
export function wrappingKeyCases(setup: WrappingKeySetup): readonly KeyProviderCase[] {
  const { open, openSilent, damage } = setup;
  const hidden = [...setup.secrets, ...spellings(ROOT_KEY)];
  const wrapped = async (): Promise<WrappedKey> => (await open()).wrap(Uint8Array.from(ROOT_KEY), REQUEST);
  const cases: KeyProviderCase[] = [
    {
      name: "its id is printable, and the same every time",
      run: async () => {
        const provider = await open();
        strictEqual(provider.type, "wrapping");
        match(provider.id, /^[^\p{Cc}\p{Cs}]{1,4500}$/u);
        strictEqual((await open()).id, provider.id);
      },
    },
    {
      name: "what one provider wraps, another of the same wrapping key opens, into bytes of its own each time",
      run: async () => {
        const sealed = await wrapped();
        const provider = await open();
        for (let round = 0; round < 2; round += 1) {
          const key = await provider.unwrap(sealed, REQUEST);
          ok(key instanceof Uint8Array, "the root key was not opened");
          deepStrictEqual(Uint8Array.from(key), ROOT_KEY);
          key.fill(0);
        }
      },
    },
    {
      name: "the root key that is lent stays as it was",
      run: async () => {
        const lent = Uint8Array.from(ROOT_KEY);
        await (await open()).wrap(lent, REQUEST);
        deepStrictEqual(lent, ROOT_KEY);
      },
    },
    {
      name: "what is stored in the clear fits into a header and shows neither key nor credential",
      run: async () => {
        const { reference, ciphertext } = await wrapped();
        for (const part of [reference.provider, reference.mount, reference.key]) ok(part.length > 0);
        ok(ciphertext.length > 0 && ciphertext.length <= 4096, "the ciphertext has a wrong length");
        assertShowsNothing({ reference, ciphertext }, hidden);
        assertShowsNothing(await open(), hidden);
      },
    },
    {
      name: "a damaged key is refused as a wrong key",
      run: async () => {
        const { reference, ciphertext } = await wrapped();
        const work = (await open()).unwrap({ reference, ciphertext: damage(ciphertext) }, REQUEST);
        await assertRefuses(work, "SECRET_WRONG_KEY", hidden);
      },
    },
    {
      name: "the key of another provider is left alone",
      run: async () => {
        const { reference, ciphertext } = await wrapped();
        const provider = await open();
        for (const part of ["provider", "mount", "key"] as const) {
          const foreign = { reference: { ...reference, [part]: "of-somebody-else" }, ciphertext };
          strictEqual(await provider.unwrap(foreign, REQUEST), undefined);
        }
      },
    },
    {
      name: "a call that was aborted before it began is refused",
      run: async () => {
        const sealed = await wrapped();
        const provider = await open();
        const request = { ...REQUEST, signal: AbortSignal.abort() };
        const lent = Uint8Array.from(ROOT_KEY);
        await assertRefuses(provider.wrap(lent, request), "SECRET_ABORTED", hidden);
        await assertRefuses(provider.unwrap(sealed, request), "SECRET_ABORTED", hidden);
        if (provider.rewrap !== undefined)
          await assertRefuses(provider.rewrap(sealed, request), "SECRET_ABORTED", hidden);
      },
    },
    {
      name: "what is wrapped again, where that is possible, opens to the same key",
      run: async () => {
        const provider = await open();
        const again = await provider.rewrap?.(await wrapped(), REQUEST);
        if (again === undefined) return;
        const key = await provider.unwrap(again, REQUEST);
        deepStrictEqual(key && Uint8Array.from(key), ROOT_KEY);
      },
    },
  ];
  if (openSilent !== undefined)
    cases.push(
      {
        name: "an abort ends the wait",
        run: async () => {
          const stop = new AbortController();
          const provider = await openSilent();
          const work = provider.unwrap(await wrapped(), { ...REQUEST, signal: stop.signal });
          stop.abort();
          await assertRefuses(work, "SECRET_ABORTED", hidden);
        },
      },
      {
        name: "the wait for an answer ends by itself",
        run: async () => {
          const work = (await openSilent()).unwrap(await wrapped(), REQUEST);
          await assertRefuses(work, "SECRET_TIMED_OUT", hidden);
        },
      },
    );
  return cases;
}
