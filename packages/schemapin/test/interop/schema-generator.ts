/** Gives schema after schema, the same for the same seed; about one in ten is not portable. */
export function* schemas(seed: number): Generator<string> {
  const random = numbersFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const text = (): string =>
    Array.from({ length: Math.floor(random() * 8) }, () => pick(CHARACTERS)).join("");
  const number = (isOdd: boolean): string => {
    if (isOdd) return pick(ODD_NUMBERS);
    const size = 10 ** Math.floor(random() * 15);
    if (random() < 0.6) return String(Math.trunc((random() - 0.5) * 2 * size) || 0);
    const fraction = Number(((random() - 0.5) * 200).toPrecision(1 + Math.floor(random() * 15)));
    return Number.isInteger(fraction) || Math.abs(fraction) < 1e-4 ? "0.5" : String(fraction);
  };
  const value = (depth: number, isOdd: boolean): string => {
    const kind = Math.floor(random() * (depth > 3 ? 4 : 6));
    if (kind === 0) return JSON.stringify(text());
    if (kind === 1) return number(isOdd && random() < 0.5);
    if (kind === 2) return pick(["true", "false", "null"]);
    if (kind === 3) return JSON.stringify(pick(WORDS));
    const size = Math.floor(random() * 4);
    if (kind === 4) return `[${Array.from({ length: size }, () => value(depth + 1, isOdd)).join(",")}]`;
    return object(depth + 1, isOdd);
  };
  const object = (depth: number, isOdd: boolean): string => {
    const names = new Set(
      Array.from({ length: Math.floor(random() * 5) }, () =>
        isOdd && random() < 0.3 ? pick(ODD_NAMES) : random() < 0.5 ? pick(WORDS) : text(),
      ),
    );
    const members = [...names].map((name) => `${JSON.stringify(name)}: ${value(depth, isOdd)}`);
    return `{ ${members.join(" , ")} }`;
  };
  for (;;) yield object(0, random() < 0.1);
}

const CHARACTERS = [
  ...Array.from("abcXYZ_-.$ /\\\"'<>&\b\f\n\r\t\u0001\u007f\u0085\u2028\u2029äßé你好한ﬁ\ufeff"),
  "😀",
  "🔑",
  "𝒳",
  "e\u0301",
];
const WORDS = [
  "type",
  "object",
  "string",
  "properties",
  "description",
  "required",
  "a",
  "B",
  "constructor",
  "toString",
  "",
];
const ODD_NAMES = ["9", "10", "0", "01", "4294967294", "4294967295", "\ufffd", "😀", "ﬁ", "-1"];
const ODD_NUMBERS = [
  "1.0",
  "1e2",
  "-0",
  "1e-7",
  "0.00001",
  "9007199254740993",
  "1e21",
  "123456789012345678",
  "1.7976931348623157e308",
];

/** Mulberry32. */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
