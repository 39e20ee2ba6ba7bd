import { Argument } from "commander";
import { candidates, completionScript, type Shell, SHELLS } from "../completion.js";
import type { Family } from "../context.js";

/** Help for shells. */
export const addCompletion: Family = (program, context) => {
  program
    .command("completion")
    .description("Print a script that completes commands and options in your shell.")
    .addArgument(new Argument("<shell>", "your shell").choices(SHELLS))
    .addHelpText(
      "after",
      "\nExamples:\n  source <(catalog completion bash)\n  catalog completion fish > ~/.config/fish/completions/catalog.fish",
    )
    .action((shell: Shell) => context.output().raw(completionScript(shell, program.name())));

  program
    .command("__complete", { hidden: true })
    .argument("[words...]")
    .allowUnknownOption()
    .action((words: readonly string[]) => {
      const found = candidates(program, words);
      if (found.length > 0) context.output().raw(found.join("\n"));
    });
};
