import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { OfferInput } from "@catalog/schema/offer";
import { yamlDocuments } from "../declarations/yaml-documents.js";
import { readOfferInput } from "../domain/declaration.js";
import { CliError } from "./cli-error.js";
import type { Terminal } from "./terminal.js";

/** An offer of a file; it has an offerID and nothing wrong with it. */
export type FiledOffer = OfferInput & { readonly offerID: string };

const FILES = /^[^.].*\.(ya?ml|json)$/i;

/**
 * The offers in files, folders of files and standard input (`-`). A document is one offer, a list of offers, or a map with the list `offers`.
 * @throws CliError naming everything that is wrong, before anything is sent.
 */
export async function readOffers(paths: readonly string[], terminal: Terminal): Promise<readonly FiledOffer[]> {
  const found: { readonly place: string; readonly value: unknown }[] = [];
  for (const path of paths) {
    for (const [file, text] of await textsOf(path, terminal))
      for (const [i, document] of parsed(file, text).entries()) found.push(...offersIn(document, `${file}[${i}]`));
  }
  if (found.length === 0) throw new CliError(`There is no offer in ${paths.join(", ")}.`);
  const problems: string[] = [];
  const places = new Map<string, string>();
  const offers = found.flatMap(({ place, value }): FiledOffer[] => {
    const { input, problems: own } = readOfferInput(withoutAdoption(value), place);
    problems.push(...own.map(({ path, message }) => `${path}: ${message}`));
    const { offerID } = input;
    if (own.length > 0) return [];
    if (!offerID) problems.push(`${place}.offerID: must be given, so that applying it again changes the same offer.`);
    const first = places.get(offerID ?? "");
    if (first !== undefined)
      problems.push(`${place}.offerID: repeats ${String(offerID)}, which stands at ${first} too.`);
    if (!offerID) return [];
    places.set(offerID, place);
    return [{ ...input, offerID }];
  });
  if (problems.length > 0) throw new CliError(`Nothing was sent:\n${problems.map((one) => `  - ${one}`).join("\n")}`);
  return offers;
}

async function textsOf(path: string, terminal: Terminal): Promise<readonly (readonly [string, string])[]> {
  if (path === "-") return [["standard input", await terminal.readInput()]];
  try {
    if (!(await stat(path)).isDirectory()) return [[path, await readFile(path, "utf8")]];
    const names = (await readdir(path)).filter((name) => FILES.test(name)).toSorted();
    return await Promise.all(
      names.map(async (name) => [join(path, name), await readFile(join(path, name), "utf8")] as const),
    );
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`);
  }
}

function parsed(file: string, text: string): unknown[] {
  try {
    return yamlDocuments(file, text);
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error));
  }
}

function offersIn(document: unknown, place: string): { readonly place: string; readonly value: unknown }[] {
  const list: unknown = isRecord(document) && "offers" in document ? document["offers"] : document;
  return Array.isArray(list)
    ? list.map((value: unknown, i) => ({ place: `${place}[${i}]`, value }))
    : [{ place, value: list }];
}

/** The same files serve as declarations, where `adopt` has a meaning. */
function withoutAdoption(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { adopt: _adopt, ...rest } = value;
  return rest;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
