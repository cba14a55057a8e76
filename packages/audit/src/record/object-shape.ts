import { type NamedMember, namedMembers } from "./plain-object.ts";
import { RememberedText } from "./remembered-text.ts";

/** A member of objects that have the same names in the same order. */
export interface ShapeMember extends NamedMember {
  /** Writes strings that this member has. Begins with a comma, unless this is the first member. */
  readonly remembered: RememberedText | undefined;
}

/** Objects with more members, or longer names, are seldom of the same shape. */
const MOST_MEMBERS = 24;
const LONGEST_NAME = 64;
/** Steps and members together. Names may come from outside: beyond that all is forgotten, and learnt again. */
const MOST_KNOWN = 8_192;

/** Where the names so far lead to. */
class Step {
  /** The name that came last, and where it led: mostly the one that comes. */
  name: string | undefined;
  next: Step | undefined;
  others: Map<string, Step> | undefined;
  members: readonly ShapeMember[] | undefined;
}

let root = new Step();
let known = 0;

/**
 * The members of an object with these names in canonical order, under names that a reader takes, no two the same. They are
 * sorted and quoted once for each shape.
 * @param names as `Object.keys` gave them; they are sorted in place when the shape is new.
 */
export function shapeMembers(names: string[]): readonly ShapeMember[] {
  if (names.length > MOST_MEMBERS) return withoutMemory(names);
  let step = root;
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string;
    const next = step.name === name ? step.next : nextStep(step, name);
    if (next === undefined) return withoutMemory(names);
    step = next;
  }
  return (step.members ??= withMemory(names));
}

function nextStep(step: Step, name: string): Step | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const others = (step.others ??= new Map<string, Step>());
  let next = others.get(name);
  if (next === undefined) {
    next = new Step();
    others.set(name, next);
    count(1);
  }
  step.name = name;
  step.next = next;
  return next;
}

function count(more: number): void {
  known += more;
  if (known < MOST_KNOWN) return;
  root = new Step();
  known = 0;
}

function withMemory(names: string[]): readonly ShapeMember[] {
  count(names.length);
  return namedMembers(names).map((member, index) => ({
    ...member,
    remembered: new RememberedText(index === 0 ? member.quoted : `,${member.quoted}`),
  }));
}

function withoutMemory(names: string[]): readonly ShapeMember[] {
  return namedMembers(names).map((member) => ({ ...member, remembered: undefined }));
}
