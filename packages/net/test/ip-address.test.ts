import { clientKey, createIpMatcher, formatIp, parseIp, tryParseIp, unmapIp } from "@symbiont/net";
import { describe, expect, test } from "vitest";

const canonical = (text: string): string => formatIp(parseIp(text));

describe("formatIp", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::ffff:c000:201", "::ffff:192.0.2.1"],
    ["::192.0.2.1", "::c000:201"],
    ["fe80::1%eth0.1", "fe80::1"],
  ])("writes %s as %s", (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });
});

describe("parseIp", () => {
  test("says which text is not an address", () => {
    expect(() => parseIp("1.2.3")).toThrow(
      expect.objectContaining({ code: "NET_INVALID_ADDRESS", message: '"1.2.3" is not an IP address' }),
    );
  });
});

describe("unmapIp", () => {
  test("turns only IPv4-mapped addresses into IPv4", () => {
    expect(formatIp(unmapIp(parseIp("::ffff:7f00:1")))).toBe("127.0.0.1");
    expect(formatIp(unmapIp(parseIp("64:ff9b::7f00:1")))).toBe("64:ff9b::7f00:1");
  });
});

describe("clientKey", () => {
  test("keeps a client in one bucket whichever notation its address has", () => {
    const forms = ["1.2.3.4", "::ffff:1.2.3.4", "::FFFF:102:304", "64:ff9b::1.2.3.4", "2002:102:304:9::7"];
    expect(new Set(forms.map((form) => clientKey(form)))).toEqual(new Set(["1.2.3.4"]));
  });

  test("cuts IPv6 at any prefix from 32 to 128", () => {
    expect(clientKey("2001:db8:ffff:ffff::1", { prefix6: 33 })).toBe("2001:db8:8000::/33");
    expect(clientKey(parseIp("2001:db8::1"), { prefix6: 127 })).toBe("2001:db8::/127");
  });

  test.each([31, 129, 56.5, Number.NaN])("refuses a prefix of %s", (prefix6) => {
    expect(() => clientKey("::1", { prefix6 })).toThrow(RangeError);
  });
});

describe("createIpMatcher", () => {
  const matches = (ranges: string[], text: string): boolean => createIpMatcher(ranges)(parseIp(text));

  test.each([
    ["10.0.0.0/8", "10.255.255.255", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["10.9.9.9/8", "10.1.2.3", true],
    ["0.0.0.0/0", "255.255.255.255", true],
    ["0.0.0.0/0", "::1", false],
    ["::/0", "1.2.3.4", false],
    ["::/0", "::ffff:1.2.3.4", false],
    ["::/0", "2001:db8::1", true],
    ["::ffff:10.0.0.0/104", "10.1.2.3", true],
    ["2001:db8::/33", "2001:db8:7fff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
    ["2001:db8::1", "2001:db8::1", true],
    ["2001:db8::1/127", "2001:db8::2", false],
  ])("%s holds %s: %s", (range, text, expected) => {
    expect(matches([range], text)).toBe(expected);
  });

  test.each([
    "10.0.0.0/33",
    "::/129",
    "10.0.0.0/",
    "10.0.0.0/08",
    "10.0.0.0/-1",
    "10.0.0/8",
    "",
    "host",
    "::1%lo",
  ])("refuses the entry %j when it is built", (entry) => {
    expect(() => createIpMatcher(["::1", entry], "trustedProxies")).toThrow(/^trustedProxies\[1\] must be/);
  });

  test("refuses entries that are not text", () => {
    expect(() => createIpMatcher([5 as unknown as string])).toThrow(
      "entries[0] must be an IP address or a CIDR",
    );
    expect(() => createIpMatcher("10.0.0.0/8" as unknown as string[])).toThrow(TypeError);
  });
});

test("tryParseIp has no exception to throw", () => {
  expect(tryParseIp("nonsense")).toBeUndefined();
});
