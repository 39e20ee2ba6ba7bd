import type { Command, Option } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * What may stand at the end of a command line.
 * @param words after the program's name, the last one unfinished (perhaps empty).
 */
export function candidates(program: Command, words: readonly string[]): readonly string[] {
  const last = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const { command, path } = commandAt(program, before);
  const options = [...command.createHelp().visibleOptions(command), ...program.options];
  const asking = valueOf(options, before.at(-1));
  if (asking !== undefined) return fitting(asking.argChoices ?? [], last);
  if (last.startsWith("-")) return fitting([...new Set(options.flatMap(flagsOf))], last);
  const subcommands = command
    .createHelp()
    .visibleCommands(command)
    .flatMap((one) => one.name());
  if (subcommands.length > 0) return fitting(subcommands, last);
  const place = path.length;
  const argument = command.registeredArguments[Math.min(place, command.registeredArguments.length - 1)];
  return fitting(argument?.argChoices ?? [], last);
}

/** The script that makes a shell ask this program for what may come next. */
export function completionScript(shell: Shell, name: string): string {
  return SCRIPTS[shell].replaceAll("%NAME%", name);
}

const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_%NAME%_complete() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(%NAME% __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _%NAME%_complete %NAME%
`,
  zsh: `#compdef %NAME%
_%NAME%_complete() {
  local -a found
  found=("\${(@f)$(%NAME% __complete -- "\${(@)words[2,$CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -a found; else _files; fi
}
compdef _%NAME%_complete %NAME%
`,
  fish: `function __%NAME%_complete
  set -l words (commandline -opc) (commandline -ct)
  %NAME% __complete -- $words[2..-1] 2>/dev/null
end
complete -c %NAME% -a '(__%NAME%_complete)'
`,
};

/** The command that the words lead to, and the arguments after it. */
function commandAt(
  program: Command,
  words: readonly string[],
): { readonly command: Command; readonly path: readonly string[] } {
  let command = program;
  const path: string[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? "";
    if (word.startsWith("-")) {
      if (valueOf([...command.options, ...program.options], word) !== undefined) i += 1;
      continue;
    }
    const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (next === undefined) path.push(word);
    else command = next;
  }
  return { command, path };
}

/** The option that this word is, if a value must follow it. */
function valueOf(options: readonly Option[], word: string | undefined): Option | undefined {
  return options.find((option) => option.required && flagsOf(option).includes(word ?? ""));
}

function flagsOf({ long, short }: Option): string[] {
  return [long, short].filter((flag): flag is string => flag !== undefined && flag !== null);
}

function fitting(words: readonly string[], beginning: string): readonly string[] {
  return words.filter((word) => word.startsWith(beginning)).toSorted();
}
