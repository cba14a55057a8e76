/** What a file is read as. */
export type Language = "shell" | "powershell" | "script" | "markdown" | "data" | "text";

const BY_EXTENSION: ReadonlyMap<string, Language> = new Map(
  (
    [
      ["shell", "sh bash zsh fish ksh csh command bats"],
      ["powershell", "ps1 psm1 psd1 bat cmd vbs wsf hta"],
      [
        "script",
        "py pyw pyi ipynb js mjs cjs jsx ts mts cts tsx rb pl pm php lua r jl go rs c h cc cpp hpp java kt kts scala swift m cs fs groovy gradle dart ex exs erl clj hs ml nim zig v tcl awk sql applescript scpt vue svelte",
      ],
      ["markdown", "md mdx markdown mdc html htm xhtml svg xml rst adoc"],
      ["data", "json jsonc json5 yaml yml toml ini cfg conf env properties csv tsv lock plist"],
    ] as const
  ).flatMap(([language, extensions]) =>
    extensions.split(" ").map((extension) => [extension, language] as const),
  ),
);
const SHELL_NAMES =
  /(?:^|\/)(?:makefile|dockerfile|justfile|procfile|containerfile|\.(?:bash|zsh)\w*|\.profile|\.envrc)$/i;

/** The language of a file, by shebang first, then by name. */
export function languageOf(path: string, text: string): Language {
  const shebang = /^#!\s{0,4}(\S{1,80})(?:\s{1,4}(?:-S\s{1,4})?(\S{1,40}))?/.exec(text.slice(0, 200));
  if (shebang !== null) {
    const program = shebang[1]?.endsWith("/env") === true ? shebang[2] : shebang[1];
    return /(?:^|\/)(?:ba|z|k|da|c|tc|fi)?sh$/.test(program ?? "") ? "shell" : "script";
  }
  if (SHELL_NAMES.test(path)) return "shell";
  const extension = /\.([A-Za-z0-9]{1,12})$/.exec(path)?.[1]?.toLowerCase();
  return (extension === undefined ? undefined : BY_EXTENSION.get(extension)) ?? "text";
}

/** Whether a file is run, not read. */
export function isCode(language: Language): boolean {
  return language === "shell" || language === "powershell" || language === "script";
}
