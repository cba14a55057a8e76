import { clientKey, isPublicIp, parseIp, tryParseIp } from "@symbiont/net";
import { describe, expect, test } from "vitest";
import { growthExponent } from "../../../scripts/testing/growth.ts";

describe("texts that some parser takes for an address", () => {
  test.each([
    "0177.0.0.1",
    "0x7f.0.0.1",
    "127.1",
    "2130706433",
    "127.0.0.1.",
    "127.0.0.01",
    " 127.0.0.1",
    "127.0.0.1\n",
    "127.0.0.1\0",
    "127.0.0.1%lo",
    "\uff11\uff12\uff17.0.0.1",
    "127\u30020\u30020\u30021",
    "\u0661.2.3.4",
    "1e2.0.0.1",
    "+1.2.3.4",
    "-1.2.3.4",
    "256.0.0.1",
    "1.2.3.4.5",
    "1..3.4",
    "[::1]",
    "::1]",
    "::1/128",
    "::1%",
    "::1%%eth0",
    "::1%eth0%1",
    "::1%eth/0",
    "::1%\u212a",
    ":::",
    "::1::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "::1:2:3:4:5:6:7:8",
    ":1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    "12345::",
    "::g",
    "::1.2.3",
    "::01.2.3.4",
    "::1.2.3.4:5",
    "1.2.3.4::",
    "1:2:3:4:5:6:7:1.2.3.4",
    "::\uff11",
    "__proto__",
    "",
    ":",
    ".",
  ])("%j is refused", (text) => {
    expect(tryParseIp(text)).toBeUndefined();
    expect(clientKey(text)).toBeUndefined();
  });
});

describe("notations of the inside", () => {
  test.each([
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "0:0:0:0:0:FFFF:7F00:0001",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "::7f00:1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::127.0.0.1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:808:808::1",
    "::8.8.8.8",
    "2001:0:7f00:1::",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "::",
    "::1",
    "100.100.100.200",
    "168.63.129.16",
    "0.0.0.0",
    "192.0.0.192",
  ])("%s is not public", (text) => {
    expect(isPublicIp(parseIp(text))).toBe(false);
  });
});

test("time to refuse a text does not grow with it", () => {
  const exponent = growthExponent(
    [1_000, 10_000, 100_000],
    (size) => "1:".repeat(size),
    (text) => {
      for (let round = 0; round < 2_000; round += 1) tryParseIp(text);
    },
    0.3,
  );
  expect(exponent).toBeLessThan(0.5);
});
