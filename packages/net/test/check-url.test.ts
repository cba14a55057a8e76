import { checkUrl, createUrlPolicy, formatIp, type UrlCheckOptions } from "@symbiont/net";
import { describe, expect, test } from "vitest";

describe("checkUrl", () => {
  test("gives the parts that a connection needs", () => {
    const checked = checkUrl("https://Example.COM:443/a?b=c#secret");
    expect(checked).toMatchObject({ secure: true, hostname: "example.com", port: 443 });
    expect(checked.url.href).toBe("https://example.com/a?b=c");
    expect(checked).not.toHaveProperty("address");
  });

  test("gives the address of a literal host", () => {
    const checked = checkUrl("https://[2606:4700:4700::1111]/");
    expect(checked.hostname).toBe("2606:4700:4700::1111");
    expect(checked.address === undefined ? "" : formatIp(checked.address)).toBe(checked.hostname);
  });

  test("copies a URL object instead of keeping or changing it", () => {
    const url = new URL("https://example.com/#part");
    const checked = checkUrl(url);
    url.hostname = "localhost";
    expect(checked.url.hostname).toBe("example.com");
    expect(url.hash).toBe("#part");
  });

  test.each<[string, UrlCheckOptions]>([
    ["http://example.com/", { allowHttp: true }],
    ["http://example.com:80/", { allowHttp: true }],
    ["https://example.com:8443/", { ports: [8443] }],
    ["https://example.com/", { ports: [8443] }],
    ["https://db.internal/", { allowHosts: ["DB.internal."] }],
    ["https://db.internal./", { allowHosts: ["db.internal"] }],
    ["https://127.0.0.1/", { dangerouslyAllow: ["127.0.0.0/8"] }],
    ["https://[::ffff:7f00:1]/", { dangerouslyAllow: ["127.0.0.1"] }],
  ])("accepts %s with %j", (url, options) => {
    expect(checkUrl(url, options).url.href).toBe(new URL(url).href);
  });

  test.each<[string, UrlCheckOptions, string]>([
    ["http://example.com:443/", { allowHttp: true }, "NET_PORT_NOT_ALLOWED"],
    ["https://example.com:80/", { allowHttp: true }, "NET_PORT_NOT_ALLOWED"],
    ["ftp://example.com/", { allowHttp: true }, "NET_SCHEME_NOT_ALLOWED"],
    ["https://a.db.internal/", { allowHosts: ["db.internal"] }, "NET_HOST_NOT_ALLOWED"],
    ["https://127.0.0.2/", { dangerouslyAllow: ["127.0.0.1"] }, "NET_IP_NOT_PUBLIC"],
    ["https://[64:ff9b::7f00:1]/", { dangerouslyAllow: ["127.0.0.1"] }, "NET_IP_NOT_PUBLIC"],
    ["https://127.0.0.1/", { allowHosts: ["localhost"] }, "NET_IP_NOT_PUBLIC"],
    [`https://example.com/${"a".repeat(2048)}`, {}, "NET_INVALID_URL"],
    [`https://example.com/${"\u00e9".repeat(400)}`, {}, "NET_INVALID_URL"],
  ])("refuses %.40s with %j", (url, options, code) => {
    expect(() => checkUrl(url, options)).toThrow(expect.objectContaining({ code }));
  });
});

test("checkAnswers gives IPv4-mapped answers as IPv4 and refuses the whole list for one bad answer", () => {
  const policy = createUrlPolicy();
  expect(policy.checkAnswers(["::ffff:8.8.8.8", "2606:4700::1"]).map(formatIp)).toEqual([
    "8.8.8.8",
    "2606:4700::1",
  ]);
  for (const bad of ["10.0.0.1", "not an address", "::ffff:10.0.0.1", "fe80::1%eth0"])
    expect(() => policy.checkAnswers(["8.8.8.8", bad])).toThrow(
      expect.objectContaining({ code: "NET_DNS_NOT_PUBLIC" }),
    );
});

describe("wrong options", () => {
  test.each<[string, UrlCheckOptions]>([
    ["ports", { ports: [0] }],
    ["ports", { ports: [443.5] }],
    ["allowHosts", { allowHosts: ["db.internal:80"] }],
    ["allowHosts", { allowHosts: ["https://db.internal"] }],
    ["allowHosts", { allowHosts: ["a@b.internal"] }],
    ["allowHosts", { allowHosts: ["127.1"] }],
    ["allowHosts", { allowHosts: ["[::1]"] }],
    ["allowHosts", { allowHosts: [""] }],
    ["dangerouslyAllow[0]", { dangerouslyAllow: ["*"] }],
  ])("%s is named", (name, options) => {
    expect(() => createUrlPolicy(options)).toThrow(name);
  });
});
