import { capabilityMatches } from "@symbiont/agentpin";
import { describe, expect, test } from "vitest";
import { judge } from "./attack.ts";

test("17 wildcards give no administration, and are not claimed unless declared", async () => {
  const outcome = async (declared: string, claimed: string) =>
    judge((world) => {
      world.discovery.agents[0].capabilities = [declared];
      return world.token({ capabilities: [claimed] });
    });
  expect(await outcome("admin:*", "admin:users")).toBe("8 CAPABILITY_EXCEEDED admin_wildcard");
  expect(await outcome("admin:*", "admin:*")).toBe("8 CAPABILITY_EXCEEDED admin_wildcard");
  expect(await outcome("read:code", "read:code.*")).toBe("8 CAPABILITY_EXCEEDED capability_wildcard");
  expect(await outcome("read:code.*", "read:code.*")).toBe("valid");
  expect(await outcome("read:code", "read:codebase")).toBe("8 CAPABILITY_EXCEEDED capability");
  expect(await outcome("read:code", "read:code. x")).toBe("8 CAPABILITY_EXCEEDED capability_syntax");
  expect(capabilityMatches("*:*", "read:a")).toBe(false);
});

describe("18 constraints that cannot be compared refuse", () => {
  const outcome = async (declared: object | undefined, claimed: object | undefined) =>
    judge((world) => {
      world.discovery.agents[0].constraints = declared;
      return world.token({ constraints: claimed });
    });
  test.each<[object | undefined, object | undefined, string]>([
    [{ rate_limit: "100/hour" }, { rate_limit: "lots" }, "rate_limit"],
    [{ rate_limit: "lots" }, undefined, "rate_limit"],
    [{ rate_limit: "100/hour" }, { rate_limit: "2/minute" }, "rate_limit"],
    [undefined, { allowed_domains: [] }, "allowed_domains_empty"],
    [{ allowed_domains: ["a.example"] }, { allowed_domains: ["b.example"] }, "allowed_domains"],
    [{ denied_domains: ["a.example"] }, { denied_domains: [] }, "denied_domains"],
    [{ ip_allowlist: ["203.0.113.0/24"] }, { ip_allowlist: ["0.0.0.0/0"] }, "ip_allowlist"],
    [{ ip_allowlist: ["0.0.0.0/0"] }, { ip_allowlist: ["::ffff:1.2.3.4/96", "::/0"] }, "ip_allowlist"],
    [
      { valid_hours: { start: "09:00", end: "17:00", timezone: "UTC" } },
      { valid_hours: { start: "08:00", end: "17:00", timezone: "UTC" } },
      "valid_hours",
    ],
    [
      { valid_hours: { start: "09:00", end: "17:00", timezone: "UTC" } },
      { valid_hours: { start: "10:00", end: "11:00", timezone: "Asia/Kolkata" } },
      "valid_hours",
    ],
    [
      { data_classification_max: "internal" },
      { data_classification_max: "topsecret" },
      "data_classification_max",
    ],
    [{ house_rule: 1 }, { house_rule: 2 }, "constraint_unknown"],
  ])("%j with %j", async (declared, claimed, reason) => {
    expect(await outcome(declared, claimed)).toBe(`9 CONSTRAINT_VIOLATION ${reason}`);
  });

  test.each<[object | undefined, object | undefined]>([
    [{ rate_limit: "100/hour" }, { rate_limit: "1/minute" }],
    [
      { ip_allowlist: ["203.0.113.0/24", "2001:db8::/32"] },
      { ip_allowlist: ["203.0.113.7", "2001:db8:1::/48"] },
    ],
    [{ denied_domains: ["a.b.example"] }, { denied_domains: ["*.b.example"] }],
    [
      { valid_hours: { start: "22:00", end: "06:00", timezone: "UTC" } },
      { valid_hours: { start: "23:00", end: "01:00", timezone: "UTC" } },
    ],
    [{ house_rule: { b: 1, a: 2 } }, { house_rule: { a: 2, b: 1 } }],
  ])("but %j holds %j", async (declared, claimed) => {
    expect(await outcome(declared, claimed)).toBe("valid");
  });
});
