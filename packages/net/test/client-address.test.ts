import { type ClientAddressOptions, createClientAddress } from "@symbiont/net";
import { describe, expect, test } from "vitest";

const trusted: ClientAddressOptions = {
  trustedProxies: ["127.0.0.1", "10.0.0.0/8", "2001:db8:f::/48"],
  header: "x-forwarded-for",
};

describe("createClientAddress", () => {
  test("believes no header unless told to", () => {
    const resolve = createClientAddress();
    expect(resolve("10.0.0.1", [["x-forwarded-for", "1.1.1.1"]])).toEqual({
      ip: "10.0.0.1",
      source: "socket",
      key: "10.0.0.1",
    });
  });

  test("unmaps the peer of a dual-stack listener before asking whether it is trusted", () => {
    const resolve = createClientAddress(trusted);
    expect(resolve("::ffff:10.0.0.1", [["x-forwarded-for", "198.51.100.7"]]).ip).toBe("198.51.100.7");
    expect(resolve("::ffff:11.0.0.1", [["x-forwarded-for", "198.51.100.7"]]).ip).toBe("11.0.0.1");
  });

  test.each([undefined, "", "unix", "10.0.0.1:80"])("knows nobody behind the peer %j", (peer) => {
    const resolve = createClientAddress({ header: "x-forwarded-for", trustedHops: 1 });
    expect(resolve(peer, [["x-forwarded-for", "1.1.1.1"]])).toEqual({
      ip: undefined,
      source: "none",
      key: undefined,
    });
  });

  test("reads pairs, Map, Headers and rawHeaders alike", () => {
    const resolve = createClientAddress(trusted);
    const forms = [
      [["X-Forwarded-For", "198.51.100.7"]] as const,
      new Map([["X-FORWARDED-FOR", "198.51.100.7"]]),
      new Headers({ "X-Forwarded-For": "198.51.100.7" }),
      ["Host", "x-forwarded-for", "x-forwarded-for", "198.51.100.7"],
    ];
    for (const headers of forms) expect(resolve("127.0.0.1", headers).ip).toBe("198.51.100.7");
    expect(resolve("127.0.0.1", []).source).toBe("socket");
  });

  test.each([
    ["for=198.51.100.7", "198.51.100.7"],
    ['For="198.51.100.7:8080";proto=https', "198.51.100.7"],
    ['proto=https; for="[2001:db8:1::7]:443"; by=10.0.0.1', "2001:db8:1::7"],
    ['for="[2001:db8:1::7]"', "2001:db8:1::7"],
    ["for=198.51.100.7, for=10.0.0.2", "198.51.100.7"],
    ['for=198.51.100.7;host="a,b\\",c", for=10.0.0.2;ext="x;for=1.1.1.1"', "198.51.100.7"],
  ])("reads Forwarded: %s", (value, ip) => {
    const resolve = createClientAddress({ ...trusted, header: "Forwarded" });
    expect(resolve("10.0.0.1", [["Forwarded", value]])).toMatchObject({ ip, source: "forwarded" });
  });

  test.each(["for=unknown", "for=_x", "proto=https", "for=", "for=1.1.1.1;for=2.2.2.2", 'for="1.1.1.1', ""])(
    "calls the Forwarded element %j malformed",
    (value) => {
      const resolve = createClientAddress({ ...trusted, header: "forwarded" });
      expect(resolve("10.0.0.1", [["forwarded", value]])).toEqual({
        ip: "10.0.0.1",
        source: "socket",
        warning: "malformed_entry",
        key: "10.0.0.1",
      });
    },
  );

  test.each([
    ["cloudflare", "cf-connecting-ip"],
    ["fly", "fly-client-ip"],
    ["vercel", "x-vercel-forwarded-for"],
    ["render", "true-client-ip"],
    ["aws-alb", "x-forwarded-for"],
    ["nginx", "x-real-ip"],
  ] as const)("the preset %s reads %s, from trusted peers only", (preset, header) => {
    const resolve = createClientAddress({ preset, trustedProxies: ["10.0.0.0/8"] });
    const headers = [[header, "198.51.100.7"]] as const;
    expect(resolve("10.0.0.1", headers)).toMatchObject({ ip: "198.51.100.7", source: header });
    expect(resolve("11.0.0.1", headers)).toMatchObject({ ip: "11.0.0.1", source: "socket" });
  });

  test("counts hops from the right", () => {
    const chain = [["x-forwarded-for", "1.1.1.1, 2.2.2.2, 3.3.3.3"]] as const;
    const at = (trustedHops: number) =>
      createClientAddress({ header: "x-forwarded-for", trustedHops })("9.9.9.9", chain);
    expect(at(1).ip).toBe("3.3.3.3");
    expect(at(3).ip).toBe("1.1.1.1");
    expect(at(4)).toEqual({ ip: "9.9.9.9", source: "socket", key: "9.9.9.9" });
  });

  test("asks for a trusted peer before counting hops when both are given", () => {
    const resolve = createClientAddress({ ...trusted, trustedHops: 1 });
    const chain = [["x-forwarded-for", "1.1.1.1, 10.0.0.2"]] as const;
    expect(resolve("10.0.0.1", chain).ip).toBe("10.0.0.2");
    expect(resolve("9.9.9.9", chain).ip).toBe("9.9.9.9");
  });

  test("keys by the configured prefix", () => {
    const resolve = createClientAddress({ prefix6: 48 });
    expect(resolve("2001:db8:1:ffff::1", []).key).toBe("2001:db8:1::/48");
  });

  test("keys a NAT64 client by its IPv4 address and reports the address it came from", () => {
    expect(createClientAddress()("64:ff9b::102:304", [])).toEqual({
      ip: "64:ff9b::102:304",
      source: "socket",
      key: "1.2.3.4",
    });
  });
});

describe("wrong options", () => {
  test.each<[string, ClientAddressOptions]>([
    ["trustedProxies[1]", { trustedProxies: ["::1", "10.0.0.0/33"], header: "forwarded" }],
    ["header or preset", { trustedProxies: ["::1"] }],
    ["header or preset", { trustedHops: 1 }],
    ["header and preset", { header: "forwarded", preset: "nginx", trustedHops: 1 }],
    ["header", { header: "x forwarded", trustedHops: 1 }],
    ["header", { header: 5 as unknown as string, trustedHops: 1 }],
    ["preset", { preset: "__proto__" as "nginx", trustedHops: 1 }],
    ["trustedHops", { header: "forwarded", trustedHops: 0 }],
    ["trustedHops", { header: "forwarded", trustedHops: 1.5 }],
    ["trustedHops must be 1", { header: "x-real-ip", trustedHops: 2 }],
    ["prefix6", { prefix6: 24 }],
  ])("%s is named", (name, options) => {
    const build = () => createClientAddress(options);
    expect(build).toThrow(name);
    expect(build).toThrow(expect.toSatisfy((e) => e instanceof TypeError || e instanceof RangeError));
  });
});
