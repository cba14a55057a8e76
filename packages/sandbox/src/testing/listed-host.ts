import { createServer, type Socket } from "node:net";
import type { NetworkPolicy } from "../network/network-policy.ts";
import type { AttackSetting } from "./attack.ts";

/** How a {@link listedHost} differs from others. */
export interface ListedHostOptions {
  readonly network?: Partial<NetworkPolicy>;
  /** Whether no byte may reach it. Default false. */
  readonly mustSeeNothing?: boolean;
}

/** What names lead to. All others lead to this host, which the policy allows. */
const INSIDE: Readonly<Record<string, readonly string[]>> = {
  "private.inside.test": ["10.0.0.1"],
  "metadata.inside.test": ["169.254.169.254"],
  "mapped.inside.test": ["::ffff:10.0.0.1"],
  "mixed.inside.test": ["127.0.0.1", "192.168.0.1"],
  "nowhere.inside.test": [],
};
const ANSWER = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
const ENDLESS = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
const PIECE = new Uint8Array(65_536);

/** A server on this host that guests may reach as `allowed.test`, `*.wild.test` and `*.inside.test`, on a port in `PORT`. */
export async function listedHost({
  network,
  mustSeeNothing = false,
}: ListedHostOptions = {}): Promise<AttackSetting> {
  const sockets = new Set<Socket>();
  let seen = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    socket.on("data", (bytes: Uint8Array) => {
      seen += bytes.length;
      if (Buffer.from(bytes).toString("latin1").includes("/endless")) flood(socket);
      else socket.end(ANSWER);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as { readonly port: number };
  const policy: NetworkPolicy = {
    allow: [`allowed.test:${port}`, `*.wild.test:${port}`, `*.inside.test:${port}`],
    dangerouslyAllow: ["127.0.0.1"],
    lookup: async (name) => INSIDE[name] ?? ["127.0.0.1"],
    ...network,
  };
  return {
    options: { network: policy, env: { PORT: String(port) }, limits: { wallMs: 60_000 } },
    judge: () => (mustSeeNothing && seen > 0 ? `${seen} bytes have reached the server` : undefined),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function flood(socket: Socket): void {
  socket.write(ENDLESS);
  const more = (): void => {
    while (!socket.destroyed && socket.write(PIECE));
  };
  socket.on("drain", more);
  more();
}
