import {
  dockerTier,
  doctor,
  gvisorTier,
  namespaceTier,
  nativeTier,
  Sandbox,
  SandboxSession,
} from "@symbiont/sandbox";
import { expect, test } from "vitest";

test("the doctor says of each tier whether it works, and what to do when not", async () => {
  const reports = await doctor([
    dockerTier({ image: "some", socketPath: "/nonexistent/engine.sock" }),
    gvisorTier({ rootfs: "/nonexistent" }),
  ]);
  expect(reports.map(({ tier }) => tier)).toEqual([
    "namespace",
    "docker",
    "gvisor",
    "qemu",
    "firecracker",
    "e2b",
  ]);
  expect(reports[1]).toMatchObject({ available: false, problems: [expect.stringContaining("ENOENT")] });
  expect(reports[1]?.advice[0]).toContain("docker.io");
  expect(reports[2]?.problems).toContain("rootfs is no folder");
  for (const { available, problems } of reports) expect(available).toBe(problems.length === 0);
});

test("the doctor never calls a tier available that was not tried", async () => {
  const untried = (await doctor()).filter(({ tier }) => tier !== "namespace");
  expect(untried.map(({ tier, available }) => [tier, available])).toEqual([
    ["docker", false],
    ["gvisor", false],
    ["qemu", false],
    ["firecracker", false],
    ["e2b", false],
  ]);
});

test("a minimum refuses what is weaker, and takes what is as strong or stronger", async () => {
  const native = nativeTier({ acknowledgeNoIsolation: true });
  const refusal = expect.objectContaining({ code: "SANDBOX_UNSUPPORTED_POLICY" }) as Error;
  expect(() => new Sandbox({ tier: native, minimumTier: "namespace" })).toThrow(refusal);
  expect(() => new Sandbox({ tier: namespaceTier(), minimumTier: "gvisor" })).toThrow(refusal);
  await expect(SandboxSession.open({ tier: native, minimumTier: "docker" })).rejects.toEqual(refusal);
  expect(() => new Sandbox({ tier: native, minimumTier: "nonsense" as never })).toThrow(
    expect.objectContaining({ code: "SANDBOX_INVALID_ARGUMENT" }) as Error,
  );
  for (const tier of [namespaceTier(), dockerTier({ image: "some" }), gvisorTier({ rootfs: "/some" })])
    expect(new Sandbox({ tier, minimumTier: "namespace" })).toBeInstanceOf(Sandbox);
});
