import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createSocketServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firecrackerTier } from "@symbiont/sandbox";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FirecrackerApi } from "../src/tiers/firecracker/firecracker-api.ts";
import { connectVsock } from "../src/tiers/firecracker/vsock-channel.ts";

/** What the published description of the interface wants of each call: all fields, and those required. */
const CALLS: Readonly<
  Record<string, { readonly fields: readonly string[]; readonly required: readonly string[] }>
> = {
  "PUT /machine-config": {
    fields: ["vcpu_count", "mem_size_mib", "smt"],
    required: ["vcpu_count", "mem_size_mib"],
  },
  "PUT /boot-source": {
    fields: ["kernel_image_path", "boot_args", "initrd_path"],
    required: ["kernel_image_path"],
  },
  "PUT /vsock": { fields: ["guest_cid", "uds_path"], required: ["guest_cid", "uds_path"] },
  "PUT /actions": { fields: ["action_type"], required: ["action_type"] },
  "PATCH /vm": { fields: ["state"], required: ["state"] },
  "PUT /snapshot/create": {
    fields: ["snapshot_type", "snapshot_path", "mem_file_path"],
    required: ["snapshot_path", "mem_file_path"],
  },
  "PUT /snapshot/load": {
    fields: ["snapshot_path", "mem_backend", "vsock_override", "resume_vm"],
    required: ["snapshot_path", "mem_backend"],
  },
};

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "firecracker-"));
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

/** Answers as the interface is published: 204, or 400 with a fault. */
async function contractServer(fault?: string): Promise<{ api: FirecrackerApi; calls: string[] }> {
  const calls: string[] = [];
  let hasStarted = false;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const name = `${request.method} ${request.url}`;
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      const known = CALLS[name];
      const isFine =
        known?.required.every((field) => field in body) === true &&
        Object.keys(body).every((field) => known.fields.includes(field)) &&
        // What a machine is made of cannot be changed once it runs.
        !(hasStarted && /machine-config|boot-source|vsock|actions|load/.test(name));
      hasStarted ||= body["action_type"] === "InstanceStart" || body["resume_vm"] === true;
      calls.push(`${name} ${JSON.stringify(body)}`);
      response.statusCode = isFine && name !== fault ? 204 : 400;
      response.end(response.statusCode === 204 ? undefined : '{"fault_message":"no such thing"}');
    });
  });
  const path = join(folder, "api");
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  return { api: new FirecrackerApi(path, 2_000), calls };
}

const plan = { kernelPath: "/vmlinux", initrdPath: "/initrd", memoryMib: 512, vsockPath: "/run/agent" };

test("a machine is configured and started in an order that the interface allows", async () => {
  const { api, calls } = await contractServer();
  await api.boot(plan);
  expect(calls.map((call) => call.split(" ")[1])).toEqual([
    "/machine-config",
    "/boot-source",
    "/vsock",
    "/actions",
  ]);
  expect(calls.at(-1)).toContain("InstanceStart");
  expect(calls.join()).not.toContain("network");
});

test("a machine is saved and goes on elsewhere", async () => {
  const { api, calls } = await contractServer();
  await api.save("/state", "/memory");
  await api.restore("/state", "/memory", "/run/other");
  expect(calls[0]).toContain("Paused");
  expect(calls[2]).toContain('"vsock_override":{"uds_path":"/run/other"}');
});

test.each(["PUT /machine-config", "PUT /boot-source", "PUT /vsock", "PUT /actions"])(
  "what Firecracker refuses at %s is a typed error",
  async (fault) => {
    const { api } = await contractServer(fault);
    await expect(api.boot(plan)).rejects.toMatchObject({ code: "SANDBOX_MACHINE_FAILED" });
  },
);

test("a Firecracker that is gone or never answers is a typed error", async () => {
  const gone = new FirecrackerApi(join(folder, "none"), 500);
  await expect(gone.boot(plan)).rejects.toMatchObject({ code: "SANDBOX_MACHINE_FAILED", retryable: true });
  const path = join(folder, "silent");
  server = createServer(() => undefined);
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  const silent = new FirecrackerApi(path, 200);
  await expect(silent.boot(plan)).rejects.toMatchObject({ code: "SANDBOX_MACHINE_FAILED" });
});

test("the agent is reached by way of Firecracker's socket, tried again until it is there", async () => {
  const path = join(folder, "vsock");
  let tries = 0;
  const sockets = new Set<Socket>();
  const vsock = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", (line) => {
      expect(line.toString()).toBe("CONNECT 5005\n");
      tries += 1;
      if (tries === 1) socket.destroy();
      else if (tries === 2) socket.end(`OK ${"9".repeat(100)}`);
      // What comes with the greeting is the agent's already.
      else socket.write("OK 1073741824\nREST");
    });
  });
  await new Promise<void>((resolve) => vsock.listen(path, resolve));
  const channel = await connectVsock(path, 5_000);
  const [rest] = await new Promise<[Buffer]>((resolve) => channel.once("data", (data) => resolve([data])));
  expect(rest.toString()).toBe("REST");
  expect(tries).toBe(3);
  await expect(connectVsock(join(folder, "none"), 100)).rejects.toMatchObject({
    code: "SANDBOX_MACHINE_FAILED",
  });
  channel.destroy();
  for (const socket of sockets) socket.destroy();
  vsock.close();
});

test("the tier says what is missing, and runs nothing then", async () => {
  const nowhere = join(folder, "none");
  const tier = firecrackerTier({
    firecrackerPath: nowhere,
    jailerPath: nowhere,
    kernelPath: nowhere,
    initrdPath: nowhere,
  });
  const { available, problems, advice } = await tier.probe();
  expect(available).toBe(false);
  expect(problems).toContain("firecracker is not installed");
  expect(advice.length).toBeGreaterThan(0);
  await expect(tier.createWorkspace({} as never)).rejects.toMatchObject({ code: "SANDBOX_TIER_UNAVAILABLE" });
  expect(() =>
    firecrackerTier({ firecrackerPath: "x", jailerPath: "/j", kernelPath: "/k", initrdPath: "/i" }),
  ).toThrow(expect.objectContaining({ code: "SANDBOX_INVALID_ARGUMENT" }) as Error);
});
