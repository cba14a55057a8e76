/** The program that a shebang on the first line names; undefined when there is none. */
export function shebangProgram(text: string): string | undefined {
  const match = /^#!\s{0,4}(\S{1,200})(?:[ \t]{1,4}([^\r\n]{0,200}))?/.exec(text);
  if (match === null) return undefined;
  const [, path = "", rest = ""] = match;
  const program = path.split("/").at(-1) ?? "";
  if (program !== "env") return program;
  // Options of env and variables stand before what it runs.
  return rest
    .split(/\s+/)
    .find((word) => word !== "" && !word.startsWith("-") && !word.includes("="))
    ?.split("/")
    .at(-1);
}
