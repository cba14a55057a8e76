import type { CheckedConfig } from "./guard-config.ts";
import { GuardError, type GuardProblem } from "./guard-error.ts";
import type { GuardStages } from "./guard-options.ts";
import type { GuardStores } from "./guard-stores.ts";

/** One thing that is kept somewhere, and what says where. */
interface Place {
  readonly name: keyof GuardStores;
  readonly store: object | undefined;
  /** Member of the configuration that names a file for it. */
  readonly member: string;
  readonly file: string | undefined;
  /** Whether anything in this configuration needs it. */
  readonly isUsed: boolean;
  /** Whether memory will do when nothing else is named. */
  readonly inMemory: boolean;
}

/** What decides about places. */
export interface StoreChoice {
  readonly stages: GuardStages;
  readonly stores: GuardStores;
}

/**
 * Refuses a store that nothing uses, one beside a file, and the want of both.
 * @throws GuardError `GUARD_CONFIG_INVALID` with everything that is wrong.
 */
export function checkStores(config: CheckedConfig, choice: StoreChoice): void {
  const problems = places(config, choice).flatMap(problemOf);
  if (problems.length > 0)
    throw new GuardError("GUARD_CONFIG_INVALID", "the configuration cannot be used", { problems });
}

/** Where everything is kept, by kind: `file`, `memory`, or the class of the host's own store. */
export function storeKinds(config: CheckedConfig, choice: StoreChoice): Readonly<Record<string, string>> {
  const used = places(config, choice).filter(({ isUsed }) => isUsed);
  return Object.fromEntries(used.map((place) => [place.name, kindOf(place)]));
}

function places(config: CheckedConfig, { stages, stores }: StoreChoice): readonly Place[] {
  const { identity = {}, rate, tools, approvals } = config;
  const isOwn = { identity: stages.identity === undefined, tools: stages.tools === undefined };
  const place = (
    name: keyof GuardStores,
    member: string,
    rest: Omit<Place, "name" | "member" | "store">,
  ): Place => ({ name, member, store: stores[name], ...rest });
  return [
    place("rate", "rate", {
      file: undefined,
      isUsed: stages.rate === undefined && rate !== "unlimited",
      inMemory: true,
    }),
    place("apiKeys", "identity.apiKeys.file", {
      file: identity.apiKeys?.file,
      isUsed: isOwn.identity && identity.apiKeys !== undefined,
      inMemory: false,
    }),
    place("agentPins", "identity.agentPin.pins", {
      file: identity.agentPin?.pins,
      isUsed: isOwn.identity && identity.agentPin !== undefined,
      inMemory: false,
    }),
    place("toolPins", "tools.pins", { file: tools?.pins, isUsed: isOwn.tools, inMemory: false }),
    place("trustLedger", "tools.ledger", { file: tools?.ledger, isUsed: isOwn.tools, inMemory: true }),
    place("approvals", "approvals.store", {
      file: approvals?.store,
      isUsed: approvals !== undefined,
      inMemory: true,
    }),
  ];
}

function problemOf({ name, member, store, file, isUsed, inMemory }: Place): readonly GuardProblem[] {
  if (store !== undefined && !isUsed)
    return [{ path: `stores.${name}`, found: "a store", fix: "remove it: nothing here would use it" }];
  if (store !== undefined && file !== undefined)
    return [{ path: member, found: "a text", fix: `remove it, or the option stores.${name}` }];
  if (store === undefined && file === undefined && isUsed && !inMemory)
    return [{ path: member, found: "nothing", fix: `write a path, or give the option stores.${name}` }];
  return [];
}

function kindOf({ store, file }: Place): string {
  if (store === undefined) return file === undefined ? "memory" : "file";
  const { name } = store.constructor;
  return name === "" || name === "Object" ? "own" : name;
}
