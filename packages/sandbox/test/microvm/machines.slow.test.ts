import { vi } from "vitest";
import { MACHINES_ONLY } from "../tiers.ts";

// The same tests as in every other tier: the interface, sessions, and all attacks.
vi.stubEnv(MACHINES_ONLY, "1");
await import("../sandbox.test.ts");
await import("../session.test.ts");
await import("../session.attack.test.ts");
await import("../sandbox.attack.test.ts");
