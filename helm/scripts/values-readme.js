import { readValues } from "./read-values.js";

/**
 * The README of a chart: what it is, and every value with its default.
 * @param {"broker" | "connector"} chart
 * @param {string} description that of Chart.yaml
 * @param {string} valuesText the values.yaml
 */
export function valuesReadme(chart, description, valuesText) {
  const rows = readValues(valuesText).map(
    ({ path, value, description: meaning }) =>
      `| \`${path.join(".")}\` | ${shown(value)} | ${meaning.replaceAll("|", "\\|")} |`,
  );
  return `# Chart \`${chart}\`

${description} How to install and operate it: [../README.md](../README.md).

An unknown key, or a value of another kind, is refused by \`values.schema.json\`, which is made from the same source as this table.

## Values

| Value | Default | Meaning |
| --- | --- | --- |
${rows.join("\n")}
`;
}

function shown(value) {
  if (value === "" || value === null) return "";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}
