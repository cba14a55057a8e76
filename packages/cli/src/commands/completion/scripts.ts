/** The commands and options that a script completes. Names are ours, never anybody's data. */
export interface CompletionTree {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly string[];
  readonly commands: readonly CompletionTree[];
}

interface Place {
  /** The words before, without the program. */
  readonly path: string;
  readonly tree: CompletionTree;
}

function places(tree: CompletionTree, path = ""): readonly Place[] {
  return [{ path, tree }, ...tree.commands.flatMap((one) => places(one, `${path} ${one.name}`.trim()))];
}

function wordsOf({ commands, options }: CompletionTree): string {
  return [...commands.map(({ name }) => name), ...options, "--help"].join(" ");
}

/** For `source <(symbiont completion bash)`. */
export function bash(tree: CompletionTree): string {
  const cases = places(tree).map(({ path, tree: at }) => `    "${path}") words="${wordsOf(at)}" ;;`);
  return `_symbiont() {
  local path="" word words="" index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _symbiont symbiont
`;
}

/** For a file \`_symbiont\` in \`fpath\`, or \`source <(symbiont completion zsh)\`. */
export function zsh(tree: CompletionTree): string {
  const cases = places(tree).map(({ path, tree: at }) => `    "${path}") compadd -- ${wordsOf(at)} ;;`);
  return `#compdef symbiont
_symbiont() {
  local path_words="" word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ "$word" == -* ]] || path_words="\${path_words:+$path_words }$word"
  done
  case "$path_words" in
${cases.join("\n")}
    *) _files ;;
  esac
}
compdef _symbiont symbiont
`;
}

/** For \`symbiont completion fish | source\`. */
export function fish(tree: CompletionTree): string {
  const lines = places(tree).flatMap(({ path, tree: at }) => {
    const when = `test (string join ' ' -- (string match -v -- '-*' (commandline -opc)[2..])) = '${path}'`;
    return [
      ...at.commands.map(
        ({ name, summary }) =>
          `complete -c symbiont -n "${when}" -f -a ${name} -d '${summary.replaceAll("'", "")}'`,
      ),
      ...at.options.map((option) => `complete -c symbiont -n "${when}" -l ${option.slice(2)}`),
    ];
  });
  return `${lines.join("\n")}\n`;
}
