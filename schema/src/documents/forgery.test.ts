import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { isTransient } from "../errors.js";
import { testParties } from "../testing/identities.js";
import { vectorFiles } from "../testing/vector-files.js";
import { outcomeOf, type Parties, type ValidVector, type VectorFile } from "../testing/vectors.js";
import { verifyVector } from "../testing/verify-vector.js";

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\u00e9\u0000{}",:';

let parties: Parties;
let documents: readonly ValidVector[];
beforeAll(async () => {
  parties = await testParties();
  const files = Object.values(await vectorFiles()).filter((file): file is VectorFile => "valid" in file);
  documents = files.flatMap((file) => file.valid).filter(({ kind }) => kind !== "base64url" && kind !== "joinString");
});

const place = fc.nat();
const character = fc.constantFrom(...Array.from(ALPHABET));

describe("any document", () => {
  it("is refused, with a definitive code, once one character is another", async () => {
    const property = fc.asyncProperty(place, place, character, async (which, where, other) => {
      const vector = vectorAt(which);
      const at = where % vector.document.length;
      await expectRefused(vector, vector.document.slice(0, at) + other + vector.document.slice(at + 1));
    });
    await fc.assert(property, { numRuns: 2000 });
  });

  it("is refused once a character is inserted or removed", async () => {
    const property = fc.asyncProperty(place, place, fc.option(character), async (which, where, other) => {
      const vector = vectorAt(which);
      const at = where % vector.document.length;
      const rest = vector.document.slice(other === null ? at + 1 : at);
      await expectRefused(vector, vector.document.slice(0, at) + (other ?? "") + rest);
    });
    await fc.assert(property, { numRuns: 1000 });
  });

  it("is refused where a document of another kind is expected", async () => {
    for (const vector of documents) {
      for (const other of documents.filter(({ kind }) => kind !== vector.kind)) {
        const outcome = await outcomeOf(() => verifyVector(vector.kind, other.document, vector.expect ?? {}, parties));
        expect([vector.kind, other.kind, outcome]).not.toContain("accepted");
        expect(outcome).toMatch(/^[A-Z_]+$/);
      }
    }
  });

  it("is refused, never crashed on, whatever the text", async () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.base64String(),
      fc.string().map((part) => `${part}.${part}.${part}`),
    );
    await fc.assert(
      fc.asyncProperty(place, text, async (which, document) => expectRefused(vectorAt(which), document)),
      { numRuns: 1000 },
    );
  });

  it("is refused if it is no text at all", async () => {
    const values: readonly unknown[] = [undefined, null, 1, {}, [], true];
    for (const vector of documents) for (const value of values) await expectRefused(vector, value as string);
  });
});

function vectorAt(which: number): ValidVector {
  const vector = documents[which % documents.length];
  if (vector === undefined) throw new Error("there are no documents");
  return vector;
}

async function expectRefused(vector: ValidVector, document: string): Promise<void> {
  if (document === vector.document) return;
  const outcome = await outcomeOf(() => verifyVector(vector.kind, document, vector.expect ?? {}, parties));
  expect(outcome, `${vector.kind} ${JSON.stringify(document)}`).toMatch(/^[A-Z_]+$/);
  // A proof with another iat is told the receiver's clock before its signature is looked at; all else is definitive.
  if (!(vector.kind === "request" && outcome === "CLOCK_SKEW")) expect(isTransient(outcome), outcome).toBe(false);
}
