import { request } from "node:http";
import { excerpt } from "@symbiont/kit";
import { machineFailed } from "../microvm/machine-failed.ts";

const MAX_ANSWER_BYTES = 64 * 1024;
/** What Firecracker takes by default. */
const MAX_BODY_BYTES = 51_200;

/** A machine to be, as Firecracker's own files see it: paths are inside its root. */
export interface FirecrackerPlan {
  readonly kernelPath: string;
  readonly initrdPath: string;
  readonly memoryMib: number;
  readonly vsockPath: string;
}

/**
 * Speaks with one Firecracker over its socket.
 * @see https://github.com/firecracker-microvm/firecracker/blob/main/src/firecracker/swagger/firecracker.yaml
 */
export class FirecrackerApi {
  readonly #socketPath: string;
  readonly #timeoutMs: number;

  constructor(socketPath: string, timeoutMs: number) {
    this.#socketPath = socketPath;
    this.#timeoutMs = timeoutMs;
  }

  /** Configures and starts a machine. @throws SandboxError `SANDBOX_MACHINE_FAILED` */
  async boot({ kernelPath, initrdPath, memoryMib, vsockPath }: FirecrackerPlan): Promise<void> {
    await this.#put("/machine-config", { vcpu_count: 1, mem_size_mib: memoryMib, smt: false });
    await this.#put("/boot-source", {
      kernel_image_path: kernelPath,
      initrd_path: initrdPath,
      // No console: what a guest writes there would be the host's to bound.
      boot_args: "quiet reboot=k panic=-1 random.trust_cpu=on 8250.nr_uarts=0 i8042.noaux pci=off",
    });
    await this.#vsock(vsockPath);
    await this.#put("/actions", { action_type: "InstanceStart" });
  }

  /** Saves the machine as it is, and lets it stand. @throws SandboxError `SANDBOX_MACHINE_FAILED` */
  async save(statePath: string, memoryPath: string): Promise<void> {
    await this.#call("PATCH", "/vm", { state: "Paused" });
    const body = { snapshot_type: "Full", snapshot_path: statePath, mem_file_path: memoryPath };
    await this.#put("/snapshot/create", body);
  }

  /** Goes on with a machine that was saved. @throws SandboxError `SANDBOX_MACHINE_FAILED` */
  async restore(statePath: string, memoryPath: string, vsockPath: string): Promise<void> {
    await this.#put("/snapshot/load", {
      snapshot_path: statePath,
      mem_backend: { backend_type: "File", backend_path: memoryPath },
      vsock_override: { uds_path: vsockPath },
      resume_vm: true,
    });
  }

  async #vsock(path: string): Promise<void> {
    // The guest's address need not be its own: each machine has a socket of its own on the host.
    await this.#put("/vsock", { guest_cid: 3, uds_path: path });
  }

  async #put(path: string, body: object): Promise<void> {
    await this.#call("PUT", path, body);
  }

  async #call(method: "PUT" | "PATCH", path: string, fields: object): Promise<void> {
    const body = JSON.stringify(fields);
    if (Buffer.byteLength(body) > MAX_BODY_BYTES)
      throw machineFailed("a call of Firecracker would be too long");
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      const options = { socketPath: this.#socketPath, method, path, headers, agent: false };
      const signal = AbortSignal.timeout(this.#timeoutMs);
      const sent = request({ ...options, signal }, (response) => {
        const chunks: Buffer[] = [];
        let total = 0;
        response.on("data", (chunk: Buffer) => {
          total += chunk.length;
          if (total > MAX_ANSWER_BYTES) response.destroy(new RangeError("answer is too long"));
          else chunks.push(chunk);
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
        response.on("error", reject);
      });
      sent.on("error", reject);
      sent.end(body);
    }).catch((cause: unknown) => {
      throw machineFailed(`Firecracker does not answer ${method} ${path}`, cause);
    });
    if (status === 204) return;
    throw machineFailed(`Firecracker refuses ${method} ${path}: ${status}, ${excerpt(text, 200)}`);
  }
}
