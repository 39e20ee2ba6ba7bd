import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this checkout. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

const LEFT_OUT = new Set(["node_modules", "dist", ".git", ".catalog-demo", ".catalog-data"]);

/** Every Markdown file of the checkout, by its path from there. */
export async function markdownFiles(): Promise<string[]> {
  const found: string[] = [];
  const look = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (LEFT_OUT.has(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await look(path);
      else if (entry.name.endsWith(".md")) found.push(relative(ROOT, path));
    }
  };
  await look(ROOT);
  return found.sort();
}

export function readPage(file: string): Promise<string> {
  return readFile(join(ROOT, file), "utf8");
}

/** Markdown without its code: fenced blocks and code spans may hold what looks like a link. */
export function withoutCode(markdown: string): string {
  return markdown.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1`*\s*$/gm, "").replace(/`[^`\n]*`/g, "");
}

/** The anchors of a page as GitHub makes them: of each heading, numbered where one comes again, and ids of its own. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set([...markdown.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = ""]) => id));
  const seen = new Map<string, number>();
  const text = markdown.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1`*\s*$/gm, "");
  for (const [, heading = ""] of text.matchAll(/^#{1,6} +(.*?)#*\s*$/gm)) {
    const slug = slugOf(heading);
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    anchors.add(times === 0 ? slug : `${slug}-${times}`);
  }
  return anchors;
}

function slugOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");
}

/** The targets of links and pictures. */
export function targetsOf(markdown: string): string[] {
  const text = withoutCode(markdown);
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map(([, target = ""]) => target);
  const tags = [...text.matchAll(/\b(?:href|src|srcset)="([^"\s]+)"/g)].map(([, target = ""]) => target);
  return [...inline, ...tags];
}

/** The program in the fenced block after `<!-- program: NAME -->`. @throws Error if there is none. */
export function programIn(markdown: string, name: string): string {
  const [, after] = markdown.split(`<!-- program: ${name} -->`);
  const program = /^```\w+\n([\s\S]*?)^```$/m.exec(after ?? "")?.[1];
  if (program === undefined) throw new Error(`the page has no program ${name}`);
  return program;
}

/** A fenced block that a comment such as `<!-- values: connector 1.34.4 -->` stands before. */
export interface MarkedBlock {
  /** The words of the comment after its name. */
  readonly words: readonly string[];
  readonly text: string;
}

/** Every fenced block after a comment of that name. */
export function blocksAfter(markdown: string, name: string): MarkedBlock[] {
  const marked = new RegExp(`<!-- ${name}(?:: ([^>]*?))? -->\\n\\n\`\`\`\\w+\\n([\\s\\S]*?)^\`\`\`$`, "gm");
  return [...markdown.matchAll(marked)].map(([, words = "", text = ""]) => ({
    words: words.split(" ").filter((word) => word !== ""),
    text,
  }));
}
