import { ResolverChain, StaticResolver } from "@symbiont/schemapin";
import { describe, expect, test } from "vitest";
import {
  absent,
  FakeResolver,
  fingerprint,
  found,
  invalid,
  listed,
  otherFingerprint,
  otherKey,
  unavailable,
} from "./document-fixtures.ts";
import { discoveryOf, domain, key } from "./fixtures.ts";

const mine = found(discoveryOf(key));
const others = found(discoveryOf(otherKey));
const document = mine.status === "ok" ? mine.document : expect.unreachable();
const chainOf = (...members: FakeResolver[]) => new ResolverChain(members);

describe("a discovery document", () => {
  test("is that of the first member that has one", async () => {
    const chain = chainOf(
      new FakeResolver(absent),
      new FakeResolver(unavailable),
      new FakeResolver(mine),
      new FakeResolver(others),
    );
    expect(await chain.resolveDiscovery(domain)).toBe(mine);
  });

  test("is not looked for behind an invalid one", async () => {
    const last = new FakeResolver(mine);
    expect(await chainOf(new FakeResolver(invalid), last).resolveDiscovery(domain)).toBe(invalid);
    expect(last.asked).toBe(0);
  });

  test("is absent only when every member says so", async () => {
    expect(
      await chainOf(new FakeResolver(absent), new FakeResolver(absent)).resolveDiscovery(domain),
    ).toEqual(absent);
    expect(
      await chainOf(new FakeResolver(unavailable), new FakeResolver(absent)).resolveDiscovery(domain),
    ).toBe(unavailable);
  });
});

describe("revocations", () => {
  test("are those of all members, also of those whose document is not used", async () => {
    const chain = chainOf(
      new FakeResolver(mine, listed(fingerprint)),
      new FakeResolver(found(discoveryOf(otherKey, { revoked_keys: [otherFingerprint] })), absent),
      new FakeResolver(absent, listed(`sha256:${"1".repeat(64)}`)),
    );
    expect(await chain.resolveRevocation(domain, document)).toMatchObject({
      status: "ok",
      document: new Set([fingerprint, otherFingerprint, `sha256:${"1".repeat(64)}`]),
    });
  });

  test("are unavailable when one member's are, with what the others know", async () => {
    const chain = chainOf(new FakeResolver(mine, listed(fingerprint)), new FakeResolver(absent, unavailable));
    expect(await chain.resolveRevocation(domain, document)).toEqual({
      ...unavailable,
      partial: new Set([fingerprint]),
    });
  });

  test("of nested chains keep what is known in part", async () => {
    const inner = chainOf(new FakeResolver(mine, listed(fingerprint)), new FakeResolver(absent, unavailable));
    const chain = new ResolverChain([inner, new FakeResolver(absent)]);
    expect(await chain.resolveRevocation(domain, document)).toMatchObject({
      partial: new Set([fingerprint]),
    });
  });

  test.each([
    ["list", new FakeResolver(absent, invalid)],
    ["document", new FakeResolver(invalid, absent)],
  ])("are invalid when one member's %s is", async (_, member) => {
    const chain = chainOf(new FakeResolver(mine, listed(fingerprint)), member);
    expect(await chain.resolveRevocation(domain, document)).toBe(invalid);
  });

  test("are looked for at every endpoint that a member's document names", async () => {
    const asked: (string | undefined)[] = [];
    const member = new FakeResolver(found(discoveryOf(key, { revocation_endpoint: "https://b.example/r" })));
    const asking = {
      resolveDiscovery: async () => member.resolveDiscovery(),
      resolveRevocation: async (_: string, { revocationEndpoint }: typeof document) => {
        asked.push(revocationEndpoint);
        return absent;
      },
    };
    expect(await new ResolverChain([asking]).resolveRevocation(domain, document)).toMatchObject({
      status: "ok",
    });
    expect(asked).toEqual([undefined, "https://b.example/r"]);
  });

  test("are absent when no member has a document or a list", async () => {
    expect(await chainOf(new FakeResolver(absent)).resolveRevocation(domain, document)).toEqual(absent);
  });

  test("may be used for as long as the shortest-lived part", async () => {
    const chain = chainOf(
      new FakeResolver(found(discoveryOf(key), 600_000), {
        status: "ok",
        document: new Set(),
        maxAgeMs: 60_000,
      }),
    );
    expect(await chain.resolveRevocation(domain, document)).toMatchObject({ maxAgeMs: 60_000 });
  });
});

test("a chain needs a member", () => {
  expect(() => new ResolverChain([])).toThrow(/members/);
});

test("a static resolver knows one domain only", async () => {
  const resolver = new StaticResolver({ domain, discovery: discoveryOf(key) });
  expect(await resolver.resolveDiscovery(domain)).toMatchObject({ status: "ok" });
  expect(await resolver.resolveDiscovery("other.example")).toEqual(absent);
  expect(await resolver.resolveRevocation(domain)).toEqual(absent);
});
