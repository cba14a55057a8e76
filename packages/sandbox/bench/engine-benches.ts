import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { dockerTier, gvisorTier, Sandbox } from "@symbiont/sandbox";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { type TestEngine, testEngine } from "../test/engine/engine.ts";

const HARDENED =
  "--rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges --pids-limit 66 --memory 512m --memory-swap 512m --cpus 1 --ulimit nofile=256:256 --ipc private --shm-size 1m --init --user 65532:65532 --tmpfs /tmp:rw,noexec,nosuid,nodev,size=16m --tmpfs /workspace:rw,exec,nosuid,nodev,size=64m --log-driver none";

/** Beside what the command line of the engine takes for the same. */
export async function engineBenches(): Promise<readonly Bench[]> {
  const engine = await testEngine();
  if (typeof engine === "string") {
    console.log(`sandbox: ${engine}, no figures of docker and gvisor`);
    return [];
  }
  const { socketPath, image, rootfs } = engine;
  const docker = new Sandbox({ tier: dockerTier({ socketPath, image }) });
  const warm = new Sandbox({ tier: dockerTier({ socketPath, image, warm: 1 }) });
  const bundle = new Sandbox({ tier: gvisorTier({ rootfs }) });
  const waiting = new Sandbox({ tier: gvisorTier({ rootfs, warm: 1 }) });
  const container = await keepContainer(engine);
  return [
    {
      name: "docker, run true",
      ours: async () => runTrue(docker),
      floor: async () => commandLine(engine, "runc"),
      floorName: "docker run, hardened",
      maxFloorRatio: 0.65,
    },
    {
      name: "docker, run true in a container that was kept",
      ours: async () => runTrue(warm),
      floor: async () => bareExec(engine, container),
      floorName: "exec by the Engine API",
      maxFloorRatio: 1.2,
      // Another container is made in the meantime, which is not what is measured.
      prepare: async () => sleep(1_500),
    },
    {
      name: "gvisor without an engine, run true",
      ours: async () => runTrue(bundle),
      floor: async () => commandLine(engine, "runsc"),
      floorName: "docker run with runsc, hardened",
      maxFloorRatio: 0.5,
    },
    {
      name: "gvisor without an engine, run true in a container that was kept",
      ours: async () => runTrue(waiting),
      floor: async () => runTrue(bundle),
      floorName: "the same, started anew",
      maxFloorRatio: 0.7,
      prepare: async () => sleep(1_000),
    },
  ];
}

async function runTrue(sandbox: Sandbox): Promise<void> {
  const { status } = await sandbox.exec(["/bin/true"]);
  if (status !== "exited") throw new Error(`the run ended as ${status}`);
}

async function commandLine({ socketPath, image }: TestEngine, runtime: string): Promise<void> {
  const pids = runtime === "runsc" ? "--pids-limit 320" : "";
  const args = `-H unix://${socketPath} run ${HARDENED} ${pids} --runtime ${runtime} ${image} /bin/true`;
  const child = spawn("docker", args.split(" ").filter(Boolean), { stdio: ["pipe", "pipe", "pipe"] });
  const [code] = (await once(child, "exit")) as [number];
  if (code !== 0) throw new Error(`docker run ended with ${code}`);
}

async function keepContainer(engine: TestEngine): Promise<string> {
  const body = {
    Image: engine.image,
    Cmd: ["sleep", "100000"],
    HostConfig: { NetworkMode: "none", Init: true },
  };
  const { Id } = JSON.parse(await call(engine, "/containers/create", body)) as { Id: string };
  await call(engine, `/containers/${Id}/start`);
  return Id;
}

async function bareExec(engine: TestEngine, container: string): Promise<void> {
  const body = { AttachStdout: true, AttachStderr: true, Cmd: ["/bin/true"] };
  const { Id } = JSON.parse(await call(engine, `/containers/${container}/exec`, body)) as { Id: string };
  await call(engine, `/exec/${Id}/start`, { Detach: false, Tty: false });
}

async function call({ socketPath }: TestEngine, path: string, body?: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const sent = request({ socketPath, path, method: "POST", headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Uint8Array) => {
        text += Buffer.from(chunk).toString();
      });
      response.on("end", () => resolve(text));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
