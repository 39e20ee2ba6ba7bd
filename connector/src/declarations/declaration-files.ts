import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { requireNoProblems } from "@catalog/schema/problem";
import { type BrokerEntry, type DeclarationDocument, readDeclaration } from "../domain/declaration.js";
import type { DeclaredBroker, Declaration, DeclarationSource } from "../services/declarations/declaration-ports.js";
import { yamlDocuments } from "./yaml-documents.js";

const FILES = /^[^.].*\.(ya?ml|json)$/i;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Declarations in a file, or in the files of a folder: every .yaml, .yml and .json directly in it, by name. Names that begin with a dot are
 * left out, which is how Kubernetes keeps former versions of a ConfigMap in its folder.
 */
export class DeclarationFiles implements DeclarationSource {
  constructor(readonly path: string) {}

  async read(): Promise<Declaration> {
    const documents: DeclarationDocument[] = [];
    for (const file of await this.files())
      documents.push(...yamlDocuments(file, await readFile(file, "utf8")).map((value) => ({ file, value })));
    if (documents.length === 0)
      throw new Error(`${this.path} declares nothing; to withdraw everything that was declared, write \`offers: []\`.`);
    const { entries, problems } = readDeclaration(documents);
    requireNoProblems(problems);
    return { offers: entries.offers, brokers: await Promise.all(entries.brokers.map((entry) => this.broker(entry))) };
  }

  private async files(): Promise<string[]> {
    const found = await stat(this.path);
    const files = found.isDirectory()
      ? (await readdir(this.path))
          .filter((name) => FILES.test(name))
          .toSorted()
          .map((name) => join(this.path, name))
      : [this.path];
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    if (sizes.reduce((sum, size) => sum + size, 0) > MAX_BYTES) throw new Error(`${this.path} holds more than 4 MiB.`);
    return files;
  }

  /** The join string may come later, or be gone once it was used: only whoever needs it minds. */
  private async broker({ joinFile, join: written, ...rest }: BrokerEntry): Promise<DeclaredBroker> {
    if (joinFile === null) return { ...rest, join: written, joinFile: null };
    const file = resolve(dirname((await this.isFolder()) ? join(this.path, "file") : this.path), joinFile);
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    return { ...rest, join: text.trim() === "" ? null : text.trim(), joinFile: file };
  }

  private async isFolder(): Promise<boolean> {
    return (await stat(this.path)).isDirectory();
  }
}
