import {
  type CheckedUrl,
  type ClientAddressOptions,
  classifyIp,
  clientKey,
  createClientAddress,
  createUrlPolicy,
  formatIp,
  isPublicIp,
  NetError,
  parseIp,
} from "@symbiont/net";
import { expect } from "vitest";
import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";
import { checkRedirect } from "../src/guarded-fetch/redirect.ts";

export const suite: ConformanceSuite = {
  "ratelimit/client-ip.json": (data, check) => {
    for (const { ip, prefix6, key } of data.keys) {
      check(`key of ${JSON.stringify(ip)} with /${prefix6}`, () => {
        expect(clientKey(ip, { prefix6 }) ?? null).toBe(key);
      });
    }
    for (const { id, remoteAddress, headers, config, expect: expected } of data.resolution) {
      check(id, () => {
        const resolve = createClientAddress(config as ClientAddressOptions);
        const { ip, source, warning, key } = resolve(remoteAddress ?? undefined, headers);
        expect({ ip: ip ?? null, source, warning, key: key ?? null }).toEqual({
          ip: expected.ip ?? null,
          source: expected.source,
          warning: expected.warning,
          key: expected.key ?? null,
        });
      });
    }
  },
  "ratelimit/net-guard.json": (data, check) => {
    const policy = createUrlPolicy();
    for (const { ip, class: name, allow } of data.addresses) {
      check(`address ${ip}`, () => {
        expect(classifyIp(parseIp(ip))).toBe(name);
        expect(isPublicIp(parseIp(ip))).toBe(allow);
      });
    }
    for (const { url, whatwgHost, expect: expected } of data.urls) {
      check(`url ${JSON.stringify(url)}`, () => {
        expect(URL.canParse(url) ? new URL(url).hostname : null).toBe(whatwgHost);
        expect(verdict(() => policy.checkUrl(url))).toEqual(expected);
      });
    }
    for (const { name, answers, expect: expected } of data.dns) {
      check(`dns ${name}`, () => {
        let connectTo: string[] | undefined;
        const outcome = verdict(() => {
          connectTo = policy.checkAnswers(answers).map(formatIp);
        });
        expect({ ...outcome, ...(connectTo === undefined ? {} : { connectTo }) }).toEqual(expected);
      });
    }
    for (const { chain, max, expect: expected } of data.redirects) {
      check(`redirects ${chain.join(" -> ")}, at most ${max}`, () => {
        const outcome = verdict(() => {
          let current: CheckedUrl = policy.checkUrl(chain[0]);
          for (const [followed, location] of chain.slice(1).entries())
            current = checkRedirect(policy, current, location, { followed, max });
        });
        expect(outcome).toEqual(expected);
      });
    }
  },
};

function verdict(run: () => unknown): { allow: boolean; code?: string } {
  try {
    run();
    return { allow: true };
  } catch (error) {
    if (!NetError.is(error)) throw error;
    return { allow: false, code: error.reason };
  }
}
