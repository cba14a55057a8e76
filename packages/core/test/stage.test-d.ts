import type { Admitted, Authorized, Denial, Gate, Identified, Proposed, Verified } from "@symbiont/core";
import { expectTypeOf } from "vitest";

declare const gate: Gate;
declare const proposed: Proposed;
declare const identified: Identified;
declare const admitted: Admitted;
declare const verified: Verified;
declare const authorized: Authorized;

expectTypeOf(gate.identify(proposed)).resolves.toEqualTypeOf<Identified | Denial>();
expectTypeOf(gate.admit(identified)).resolves.toEqualTypeOf<Admitted | Denial>();
expectTypeOf(gate.verify(admitted)).resolves.toEqualTypeOf<Verified | Denial>();
expectTypeOf(gate.authorize(verified)).resolves.toEqualTypeOf<Authorized | Denial>();
expectTypeOf(gate.execute(authorized, () => 1)).resolves.toHaveProperty("status");

// @ts-expect-error a proposed call has not been identified
void gate.admit(proposed);
// @ts-expect-error an identified call has not been admitted
void gate.verify(identified);
// @ts-expect-error an admitted call has not been verified
void gate.authorize(admitted);
// @ts-expect-error a verified call has not been authorized
void gate.execute(verified, () => 1);
// @ts-expect-error a proposed call is not authorized
void gate.execute(proposed, () => 1);
// @ts-expect-error an authorized call cannot go back
void gate.authorize(authorized);
// @ts-expect-error a denial has to be looked at before the next stage
void gate.authorize(await gate.verify(admitted));
// @ts-expect-error the brand cannot be written by hand
const handmade: Authorized = {
  call: authorized.call,
  principal: authorized.principal,
  tool: authorized.tool,
  arguments: {},
  decision: authorized.decision,
  intent: 0,
  recorded: null,
};
void handmade;
// @ts-expect-error a spread loses the brand
const copied: Authorized = { ...verified, decision: authorized.decision, intent: 0, recorded: null };
void copied;
