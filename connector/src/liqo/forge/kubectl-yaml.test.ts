import { expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { kubectlYaml } from "./kubectl-yaml.js";

const TEXTS = ["Yes", "no", "on", "OFF", "y", "n", "true", "~", "null", "1e3", "0x1f", "017", "1_000", "1:30", "0b1"];
const MORE = [".inf", "2001-01-01", "+1", "1.5", "- x", "a: b", "a #b", "!x", "&x", "*x", "line\nline\n", "", " x "];

it("a text is a text for whoever reads YAML 1.1 or 1.2, as a value and as a name", () => {
  const object = Object.fromEntries([...TEXTS, ...MORE].map((text, index) => [`k${index}`, text]));
  const named = Object.fromEntries(TEXTS.map((text) => [text, "x"]));
  const written = kubectlYaml([object, named]);
  for (const version of ["1.1", "1.2"] as const)
    expect(parseAllDocuments(written, { version }).map((document) => document.toJS() as unknown)).toEqual([
      object,
      named,
    ]);
});

it("names no version, and keeps numbers, switches and lines as they are", () => {
  const object = { count: 5, isOn: true, text: "a\nb\n", long: "word ".repeat(60).trim() };
  const written = kubectlYaml([object]);
  expect(written).not.toContain("%");
  expect(written).toContain("text: |\n  a\n  b\n");
  expect(parse(written, { version: "1.1" })).toEqual(object);
});
