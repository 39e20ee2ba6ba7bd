import { access } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { anchorsOf, markdownFiles, readPage, ROOT, targetsOf } from "./markdown.js";

const pages = new Map<string, string>();

beforeAll(async () => {
  for (const file of await markdownFiles()) pages.set(file, await readPage(file));
});

describe("the links of all Markdown", () => {
  it("lead to files and headings that are there", async () => {
    const broken: string[] = [];
    for (const [file, text] of pages) {
      for (const target of targetsOf(text)) {
        const problem = await problemOf(file, target);
        if (problem !== undefined) broken.push(`${file}: ${target}: ${problem}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it("go to every page of docs/ from the README", () => {
    const reached = new Set(
      targetsOf(pages.get("README.md") ?? "").map((target) => normalize(target.split("#")[0] ?? "")),
    );
    const documents = [...pages.keys()].filter((file) => file.startsWith("docs/"));
    expect(documents.filter((file) => !reached.has(file))).toEqual([]);
  });
});

describe("reading Markdown", () => {
  it("takes headings as GitHub does", () => {
    expect(anchorsOf("# What is `a.b`?\n## Two words\n## Two words\n```\n# no\n```\n")).toEqual(
      new Set(["what-is-ab", "two-words", "two-words-1"]),
    );
  });

  it("finds links and pictures, and none in code", () => {
    expect(targetsOf('[a](b.md#c "d") `[no](x)` <img src="p.svg">\n```\n[no](y)\n```\n![q](r.png)')).toEqual([
      "b.md#c",
      "r.png",
      "p.svg",
    ]);
  });
});

async function problemOf(file: string, target: string): Promise<string | undefined> {
  if (/^[a-z]+:/i.test(target)) return undefined; // others' pages come and go; no test depends on them
  const [path = "", anchor] = target.split("#");
  const found = path === "" ? file : normalize(join(dirname(file), path));
  const isThere = await access(join(ROOT, found)).then(
    () => true,
    () => false,
  );
  if (!isThere) return "no such file";
  if (anchor === undefined) return undefined;
  const text = pages.get(found);
  if (text === undefined) return "not a page with headings";
  return anchorsOf(text).has(anchor) ? undefined : "no such heading";
}
