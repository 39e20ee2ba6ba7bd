import { readFile } from "node:fs/promises";
import { CONNECTOR } from "../api/documents.js";
import { CliError } from "../cli-error.js";
import type { CliContext, Family } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { several } from "../numbers.js";
import { pinnedDescriptors } from "../pinned-descriptors.js";
import type { Terminal } from "../terminal.js";
import { type Bundle, Descriptors, verifyBundle, verifyCompact, type Verdict } from "../verification.js";

interface VerifyOptions {
  readonly descriptor?: readonly string[];
  readonly by?: readonly string[];
  readonly pins?: boolean;
}

/** Checking signatures. */
export const addVerify: Family = (program, context) => {
  program
    .command("verify")
    .summary("check signatures offline")
    .description(
      "Check the signatures of a contract or of an offer here, without asking anybody: a file of contracts show --documents, a contract as both hold it (General JWS), or a compact JWS (offer, withdrawal, descriptor, terms). A descriptor proves which keys belong to a fingerprint; whose fingerprint it is you know from elsewhere, and --by checks it.",
    )
    .argument("<file>", "the file, or - for standard input")
    .option("--descriptor <file>", "descriptor of a party; may be repeated", several)
    .option("--by <fingerprint>", "somebody who must have signed; may be repeated", several)
    .option("--pins", "use the descriptors that your Connector has pinned (asks it)")
    .addHelpText(
      "after",
      "\nExit code 3: a signature does not hold, or one that --by names is missing.\n\nExamples:\n  catalog verify contract.json --by $TURIN_FINGERPRINT\n  catalog search gpu -o json | jq -r '.[0].jws' | catalog verify - --pins",
    )
    .action(async (file: string, options: VerifyOptions) => {
      const text = (await textOf(file, context.terminal)).trim();
      const verdicts = await verify(text, options, context);
      context.output().list(verdicts, [
        ["document", (one) => one.document],
        ["signatures", (one) => (one.isProven ? "hold" : "DO NOT HOLD")],
        ["what it is", (one) => one.message],
        ["signed by", (one) => one.signers.join(", ")],
      ]);
      const missing = missingSigners(verdicts, options.by ?? []);
      if (missing.length > 0) context.output().progress(`Not signed by ${missing.join(", ")}.`);
      if (missing.length > 0 || verdicts.some(({ isProven }) => !isProven)) context.exitCode = EXIT.no;
    });
};

async function verify(text: string, options: VerifyOptions, context: CliContext): Promise<readonly Verdict[]> {
  const bundle = bundleFrom(text);
  const given = await Promise.all((options.descriptor ?? []).map((file) => textOf(file, context.terminal)));
  const pinned = options.pins === true ? await ownPins(context) : [];
  const descriptors = await Descriptors.read([...(bundle?.descriptors ?? []), ...pinned, ...given]).catch(
    (error: unknown) => {
      throw new CliError(
        `A descriptor does not prove itself: ${error instanceof Error ? error.message : String(error)}`,
        EXIT.no,
      );
    },
  );
  return bundle === undefined ? [await verifyCompact(text, descriptors)] : verifyBundle(bundle, descriptors);
}

/** Whoever signed nothing at all of it, and those who did not sign the first document, which is what matters. */
function missingSigners(verdicts: readonly Verdict[], wanted: readonly string[]): readonly string[] {
  const signers = verdicts[0]?.signers ?? [];
  return wanted.filter((fingerprint) => !signers.includes(fingerprint));
}

async function ownPins(context: CliContext): Promise<readonly string[]> {
  const api = await context.api();
  const { connector } = await api.request(CONNECTOR, {});
  return [...(connector.descriptor === null ? [] : [connector.descriptor]), ...(await pinnedDescriptors(api))];
}

/** A bundle, or a contract alone; undefined for a compact JWS. @throws CliError. */
function bundleFrom(text: string): (Bundle & { readonly descriptors: readonly string[] }) | undefined {
  if (!text.startsWith("{")) return undefined;
  let value: Readonly<Record<string, unknown>>;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    throw new CliError("This is neither JSON nor a JWS.");
  }
  if ("signatures" in value) return { contract: text, descriptors: [] };
  const textAt = (name: string): string | null => (typeof value[name] === "string" ? value[name] : null);
  const { descriptors } = value;
  return {
    contract: textAt("contract"),
    receipt: textAt("receipt"),
    activation: textAt("activation"),
    notice: textAt("notice"),
    descriptors: Array.isArray(descriptors) ? descriptors.filter((one): one is string => typeof one === "string") : [],
  };
}

async function textOf(file: string, terminal: Terminal): Promise<string> {
  if (file === "-") return terminal.readInput();
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`The file ${file} cannot be read: ${error.code ?? "unknown"}.`);
  });
}
