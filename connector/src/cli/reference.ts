import type { Command } from "commander";

const HEAD = `# The command line

<!-- Generated from the code by "npm run schema"; do not edit. -->

\`catalog\` is a client of a Connector's admin API: what it does, a script can do with GraphQL too. In a checkout it is run with \`npx catalog\`
(after \`npm ci\`), in a Connector's container as \`catalog\`. \`catalog backup\` and \`catalog restore\` work on the database and the data directory
instead; see [operations](operations.md).
`;

/** The reference of all commands in Markdown: what --help prints for each. */
export function referenceOf(program: Command): string {
  const parts = [HEAD];
  for (const { name, command } of commandsOf(program, program.name()))
    parts.push(`## ${name}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`);
  return parts.join("\n");
}

function commandsOf(command: Command, name: string): { readonly name: string; readonly command: Command }[] {
  const inner = command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== "help")
    .flatMap((one) => commandsOf(one, `${name} ${one.name()}`));
  return [{ name, command }, ...inner];
}

/** What --help prints, its additions too, which commander writes around it. */
function helpOf(command: Command): string {
  let text = "";
  const write = (part: string): void => {
    text += part;
  };
  const before = command.configureOutput();
  command.configureOutput({ ...before, writeOut: write });
  command.outputHelp();
  command.configureOutput(before);
  return text.trimEnd();
}
