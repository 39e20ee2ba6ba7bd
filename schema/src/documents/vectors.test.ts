import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeJson } from "../testing/forgeries.js";
import { testParties } from "../testing/identities.js";
import { ENCRYPTED_FILES, vectorFiles } from "../testing/vector-files.js";
import { outcomeOf, type Parties, type RefusedVector, type ValidVector, type VectorFile } from "../testing/vectors.js";
import { VERIFY, verifyVector } from "../testing/verify-vector.js";
import { decodeCanonical, encode } from "./base64url.js";
import { digest, TYP } from "./jws.js";

const folder = new URL("../../vectors/", import.meta.url);
const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ""));
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
const documentFiles = names.filter((name) => name !== "keys").map((name) => [name, read(name) as VectorFile] as const);

let parties: Parties;
beforeAll(async () => {
  parties = await testParties();
});

describe("the files in schema/vectors", () => {
  it("cover every kind of document, with valid and refused ones", () => {
    const valid = new Set(documentFiles.flatMap(([, file]) => file.valid.map((vector) => vector.kind)));
    const refused = new Set(documentFiles.flatMap(([, file]) => file.refused.map((vector) => vector.kind)));
    expect([...valid].sort()).toEqual(Object.keys(VERIFY).sort());
    expect([...refused].sort()).toEqual(Object.keys(VERIFY).sort());
    const typs = documentFiles.flatMap(([, file]) =>
      file.valid.map((vector) => (vector.header as { typ?: string })?.typ),
    );
    const inside = [TYP.peering, TYP.rotation];
    expect(new Set([...typs, ...inside])).toEqual(new Set([undefined, ...Object.values(TYP)]));
  });

  it("are what the code writes today", async () => {
    const fresh = await vectorFiles();
    expect(Object.keys(fresh).sort()).toEqual([...names].sort());
    for (const name of names.filter((one) => !ENCRYPTED_FILES.includes(one))) {
      expect(JSON.parse(JSON.stringify(fresh[name])), name).toEqual(read(name));
    }
  });
});

describe.each(documentFiles)("vectors/%s.json", (_, { valid, refused }) => {
  it.each(valid.map((vector): [string, ValidVector] => [vector.name, vector]))("accepts %s", async (_name, vector) => {
    const read = await verifyVector(vector.kind, vector.document, vector.expect ?? {}, parties);
    if (vector.payload !== undefined) expect(vector.payload).toMatchObject(read as object);
  });

  it.each(signedOf(valid))("signs the same bytes: %s", async (_name, vector, signer) => {
    const payload = new TextEncoder().encode(vector.payloadText);
    const header = vector.header as { typ: (typeof TYP)["offer"] };
    expect(await parties[signer].signer.signBytes(header.typ, payload)).toBe(vector.document);
    expect(await digest(vector.document)).toBe(vector.digest);
    expect(vector.document.startsWith(`${encodeJson(header)}.${encode(payload)}.`)).toBe(true);
    expect(decodeCanonical(vector.document.split(".")[2] ?? "")).toHaveLength(64);
  });

  it("refuses every forgery with its code", async () => {
    const codes = await Promise.all(refused.map(async (vector) => [vector.name, await tried(vector, valid)]));
    expect(codes).toEqual(refused.map((vector) => [vector.name, vector.code]));
  });
});

function signedOf(valid: readonly ValidVector[]): [string, ValidVector, NonNullable<ValidVector["signer"]>][] {
  return valid.flatMap((vector) => (vector.signer === undefined ? [] : [[vector.name, vector, vector.signer]]));
}

function tried(vector: RefusedVector, valid: readonly ValidVector[]): Promise<string> {
  const first = valid.find((one) => one.kind === vector.kind)?.expect ?? {};
  return outcomeOf(() => verifyVector(vector.kind, vector.document, vector.expect ?? first, parties));
}
