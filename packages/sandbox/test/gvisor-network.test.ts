import { request } from "node:http";
import { doctor, gvisorTier, Sandbox } from "@symbiont/sandbox";
import { describe, expect, test } from "vitest";
import { testEngine } from "./engine/engine.ts";

const engine = await testEngine();
const { image, socketPath } = typeof engine === "string" ? { image: "none", socketPath: "/none" } : engine;
const { available, problems } = await gvisorTier({ image, socketPath }).probe();
const why = available ? "" : ` (skipped: ${problems.join("; ")})`;
const network = { allow: ["allowed.test:443"] };

describe("gVisor by way of an engine", () => {
  test.skipIf(!available)(`tells what is missing for runs with a network${why}`, async () => {
    const tier = gvisorTier({ image, socketPath });
    const [, report] = await doctor([tier]);
    expect(report).toMatchObject({ tier: "gvisor", available: true, problems: [] });
    expect(report?.advice.join()).toMatch(/second runtime .*--host-uds=open.*networkRuntime/);
    expect(() => new Sandbox({ tier, network })).toThrow(
      expect.objectContaining({ code: "SANDBOX_UNSUPPORTED_POLICY" }) as Error,
    );
  });

  test.skipIf(!available).each([
    ["runsc", "the engine runs runsc without --host-uds=open"],
    ["no-such-runtime", "the engine has no runtime no-such-runtime"],
    ["toString", "the engine has no runtime toString"],
  ])(`does not take %s for a runtime that opens sockets${why}`, async (networkRuntime, problem) => {
    const tier = gvisorTier({ image, socketPath, networkRuntime });
    expect(await tier.probe()).toMatchObject({ available: false, problems: [problem] });
    const sandbox = new Sandbox({ tier });
    await expect(sandbox.exec(["/bin/true"], { network })).rejects.toMatchObject({
      code: "SANDBOX_TIER_UNAVAILABLE",
      message: problem,
    });
    expect(await sandbox.exec(["/bin/true"])).toMatchObject({ status: "exited", exitCode: 0 });
  });

  test.skipIf(!available)(`gives sockets to no run but those with a network${why}`, async () => {
    const tier = gvisorTier({ image, socketPath, networkRuntime: "runsc-network" });
    expect(await tier.probe()).toMatchObject({ available: true, problems: [], advice: [] });
    const runtimes: string[] = [];
    for (const more of [{}, { network }]) {
      const mark = `mark${process.pid}${runtimes.length}`;
      const running = new Sandbox({ tier }).exec(["/bin/sh", "-c", `echo go; sleep 1; : ${mark}`], {
        ...more,
        onOutput: () => void runtimeOf(mark).then((runtime) => runtimes.push(runtime)),
      });
      expect(await running).toMatchObject({ status: "exited", exitCode: 0 });
    }
    expect(runtimes).toEqual(["runsc", "runsc-network"]);
  });

  test("names no runtime that no engine can have", () => {
    for (const name of ["", "../runsc", "-x", "a b", 1]) {
      const make = (): unknown => gvisorTier({ image: "some", networkRuntime: name as string });
      expect(make, String(name)).toThrow(
        expect.objectContaining({ code: "SANDBOX_INVALID_ARGUMENT" }) as Error,
      );
    }
  });
});

async function get(path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(JSON.parse(text)));
    })
      .on("error", reject)
      .end();
  });
}

/** Of the container whose command has a mark. */
async function runtimeOf(mark: string): Promise<string> {
  const all = (await get("/containers/json")) as { readonly Id: string }[];
  for (const { Id } of all) {
    const one = (await get(`/containers/${Id}/json`)) as {
      readonly Args?: readonly string[];
      readonly HostConfig?: { readonly Runtime: string };
    };
    if (one.Args?.join(" ").includes(mark) === true) return one.HostConfig?.Runtime ?? "";
  }
  return "none";
}
