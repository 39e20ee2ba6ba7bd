import { beforeAll, describe, expect, it } from "vitest";
import { markdownFiles, readPage } from "./markdown.js";

let pages: readonly (readonly [string, string])[];

beforeAll(async () => {
  pages = await Promise.all((await markdownFiles()).map(async (file) => [file, await readPage(file)] as const));
});

describe("the commands that pages name", () => {
  it("are scripts of this package where they begin with npm run", async () => {
    const { scripts } = JSON.parse(await readPage("package.json")) as { scripts: Record<string, string> };
    const named = pages.flatMap(([file, text]) =>
      [...text.matchAll(/npm run ([a-z][\w:-]*)/g)].map(([, name = ""]) => [file, name] as const),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(([, name]) => scripts[name] === undefined)).toEqual([]);
  });

  it("are commands of catalog where they stand in a shell's lines", async () => {
    const reference = await readPage("docs/cli.md");
    const named = pages
      .filter(([file]) => file !== "docs/cli.md")
      .flatMap(([file, text]) =>
        [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, lines = ""]) => [file, lines] as const),
      )
      .flatMap(([file, lines]) =>
        [...lines.matchAll(/(?:-- |npx |^)catalog ([a-z]+)(?: ([a-z]+))?/gm)].map(([, word = "", next]) => ({
          file,
          word,
          next,
        })),
      );
    expect(named.length).toBeGreaterThan(10);
    const isKnown = ({ word, next }: { readonly word: string; readonly next: string | undefined }): boolean =>
      reference.includes(`\n## catalog ${word}\n`) &&
      (!/^(offers|contracts|peer)$/.test(word) || reference.includes(`\n## catalog ${word} ${next ?? ""}\n`));
    expect(named.filter((one) => !isKnown(one))).toEqual([]);
  });
});
