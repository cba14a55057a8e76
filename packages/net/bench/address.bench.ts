import { BlockList, isIP } from "node:net";
import { classifyIp, createClientAddress, isPublicIp, parseIp, tryParseIp } from "@symbiont/net";
import type { Bench } from "../../../scripts/bench/bench.ts";

const trusted = ["127.0.0.1/32", "10.0.0.0/8", "172.16.0.0/12"];
const resolve = createClientAddress({ trustedProxies: trusted, header: "x-forwarded-for" });
const proxies = blockList(trusted);
const headers = [
  "Host",
  "api.example",
  "Accept",
  "*/*",
  "X-Forwarded-For",
  "6.6.6.6, 198.51.100.7, 10.0.0.2",
];

const special = blockList([
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "168.63.129.16/32",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
]);
const address6 = parseIp("2606:4700:4700::1111");

export const benches: readonly Bench[] = [
  {
    name: "client address, direct peer",
    ours: () => resolve("198.51.100.7", headers),
    floor: () => proxies.check("198.51.100.7"),
    floorName: "one net.BlockList.check",
    maxFloorRatio: 1,
  },
  {
    name: "client address, two proxies in the list",
    ours: () => resolve("10.0.0.1", headers),
    floor: () => proxies.check("10.0.0.1") && proxies.check("10.0.0.2") && proxies.check("198.51.100.7"),
    floorName: "net.BlockList.check of the three addresses, header already split",
    maxFloorRatio: 1,
  },
  {
    name: "public or not, IPv4 text",
    ours: () => isPublicIp(tryParseIp("93.184.216.34") ?? address6),
    floor: () => isIP("93.184.216.34"),
    floorName: "net.isIP",
    peer: () => special.check("93.184.216.34"),
    peerName: "net.BlockList.check",
    maxFloorRatio: 4,
    minPeerRatio: 2,
  },
  {
    name: "public or not, IPv6 text",
    ours: () => isPublicIp(tryParseIp("2606:4700:4700::1111") ?? address6),
    floor: () => isIP("2606:4700:4700::1111"),
    floorName: "net.isIP",
    peer: () => special.check("2606:4700:4700::1111", "ipv6"),
    peerName: "net.BlockList.check",
    maxFloorRatio: 2,
    minPeerRatio: 2,
  },
  {
    name: "classify a parsed IPv6 address",
    ours: () => classifyIp(address6),
    floor: () => isIP("2606:4700:4700::1111"),
    floorName: "net.isIP",
  },
];

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [net = "", prefix] = range.split("/");
    list.addSubnet(net, Number(prefix));
  }
  return list;
}
