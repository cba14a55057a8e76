/** A line that is neither empty nor a comment. */
export interface YamlLine {
  readonly indent: number;
  readonly text: string;
}

/** The lines of a YAML text, one after the other. */
export class YamlLines {
  readonly #lines: readonly string[];
  #at = 0;
  #seen = 0;

  constructor(source: string) {
    this.#lines = source.split(/\r\n|\n/);
  }

  /** The next line that is neither empty nor a comment. @throws SyntaxError when it is indented with a tab. */
  peek(): YamlLine | undefined {
    for (this.#seen = Math.max(this.#seen, this.#at); this.#seen < this.#lines.length; this.#seen += 1) {
      const line = this.#lines[this.#seen] ?? "";
      const text = line.trim();
      if (text === "" || text.startsWith("#")) continue;
      const indent = indentOf(line);
      if (line.charAt(indent) === "\t") throw new SyntaxError("indented with a tab");
      return { indent, text };
    }
    return undefined;
  }

  /** Passes over the line that `peek` gave, and what is before it. */
  skip(): void {
    this.#at = this.#seen + 1;
  }

  /** The lines that follow and are empty or indented further than this, as they are. */
  takeBlock(parentIndent: number): readonly string[] {
    const start = this.#at;
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at] ?? "";
      if (line.trim() !== "" && indentOf(line) <= parentIndent) break;
      this.#at += 1;
    }
    return this.#lines.slice(start, this.#at);
  }
}

/** How many blanks a line begins with. */
export function indentOf(line: string): number {
  return line.length - line.replace(/^ +/, "").length;
}
