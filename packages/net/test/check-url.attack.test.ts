import { checkUrl } from "@symbiont/net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const codeOf = (url: string): string => {
  try {
    checkUrl(url);
    return "";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("spellings of an inside address", () => {
  test.each([
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "0177.0.0.1",
    "0177.1",
    "0x7f.0.0.1",
    "0x7F000001",
    "0x7f.1",
    "2130706433",
    "017700000001",
    "127.0.0.1.",
    "0x7f000001.",
    "\uff11\uff12\uff17.0.0.1",
    "127\u30020\u30020\u30021",
    "127\uff0e0\uff0e0\uff0e1",
    "\u2460\u2461\u2466.0.0.1",
    "%31%32%37.0.0.1",
    "127.0.0.%31",
    "0",
    "0.0.0.0",
    "169.254.169.254",
    "0xA9FEA9FE",
    "2852039166",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::169.254.169.254]",
    "[2002:7f00:1::]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "100.100.100.200",
    "168.63.129.16",
  ])("https://%s/ is refused", (host) => {
    expect(codeOf(`https://${host}/`)).toBe("NET_IP_NOT_PUBLIC");
    expect(codeOf(` \thttps:\\\\${host}\\x`)).toBe("NET_IP_NOT_PUBLIC");
  });

  test("any number whose value is a loopback address is refused in any base", () => {
    const spell = fc.tuple(fc.integer({ min: 0x7f000000, max: 0x7fffffff }), fc.constantFrom(8, 10, 16));
    fc.assert(
      fc.property(spell, ([value, base]) => {
        const prefix = base === 16 ? "0x" : base === 8 ? "0" : "";
        expect(codeOf(`https://${prefix}${value.toString(base)}/`)).toBe("NET_IP_NOT_PUBLIC");
      }),
    );
  });
});

describe("names of the inside", () => {
  test.each([
    "localhost",
    "LOCALHOST",
    "localhost.",
    "loc\u00adalhost",
    "\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54",
    "a.localhost.",
    "printer.local",
    "db.internal.",
    "metadata.google.internal",
    "METADATA.goog",
    "metadata.tencentyun.com.",
    "router.home.arpa",
    "x.localdomain",
    "kubernetes.default.svc.cluster.local",
    "intranet",
    "com",
    "a..b",
    "example.com..",
  ])("%s is refused", (host) => {
    expect(codeOf(`https://${host}/`)).toBe("NET_HOST_NOT_ALLOWED");
  });

  test.each(["mylocal", "notinternal", "xlocalhost"])("%s.example is not confused with one", (host) => {
    expect(codeOf(`https://${host}.example/`)).toBe("");
  });
});

test.each([
  ["https://example.com@127.0.0.1/", "NET_CREDENTIALS_IN_URL"],
  ["https://:pw@example.com/", "NET_CREDENTIALS_IN_URL"],
  ["https://@example.com/", ""],
  ["https://example.com\\@127.0.0.1/", ""],
  ["https://[::1%25eth0]/", "NET_INVALID_URL"],
  ["https://[::1]x/", "NET_INVALID_URL"],
  ["https://256.256.256.256/", "NET_INVALID_URL"],
  ["https://example.0x7/", "NET_INVALID_URL"],
  ["https://exa mple.com/", "NET_INVALID_URL"],
  ["//example.com/", "NET_INVALID_URL"],
  ["", "NET_INVALID_URL"],
  ["https://example.com:99999/", "NET_INVALID_URL"],
  ["https://example.com:22/", "NET_PORT_NOT_ALLOWED"],
  ["gopher://example.com/", "NET_SCHEME_NOT_ALLOWED"],
  ["blob:https://example.com/x", "NET_SCHEME_NOT_ALLOWED"],
  ["javascript:alert(1)", "NET_SCHEME_NOT_ALLOWED"],
])("%j gives %j", (url, code) => {
  expect(codeOf(url)).toBe(code);
});

test("no refusal repeats the address a name or number stands for, or a password", () => {
  for (const url of ["https://2130706433/", "https://user:hunter2@example.com/", "https://0xA9FEA9FE/"]) {
    expect(() => checkUrl(url)).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/127\.0|169\.254|hunter2/) }),
    );
  }
});
