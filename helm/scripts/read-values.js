import { parse } from "yaml";

/**
 * The values of a chart with what their comments say: each key whose value is no further mapping has a line `# -- …` above it.
 * @returns {{ path: string[], value: unknown, description: string }[]} in the order of the file.
 * @throws Error naming a key without a comment.
 */
export function readValues(text) {
  const defaults = parse(text);
  const found = [];
  const stack = [];
  let comment;
  for (const line of text.split("\n")) {
    const described = /^\s*# -- (.*)$/.exec(line);
    if (described) comment = described[1];
    const [, indent, key] = /^( *)([A-Za-z][\w-]*):/.exec(line) ?? [];
    if (key === undefined) continue;
    stack.length = indent.length / 2;
    stack.push(key);
    const path = [...stack];
    const value = path.reduce((at, step) => at?.[step], defaults);
    if (comment === undefined && isGroup(value)) continue;
    if (comment === undefined) throw new Error(`${path.join(".")} has no comment`);
    found.push({ path, value, description: comment });
    comment = undefined;
  }
  return found;
}

function isGroup(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}
