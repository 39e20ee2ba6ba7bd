import { beforeAll, describe, expect, it } from "vitest";
import { testParties } from "../testing/identities.js";
import { outcomeOf, type Parties } from "../testing/vectors.js";
import { encode, sha256Base64url } from "./base64url.js";
import { digest, signingInput, TYP } from "./jws.js";

let parties: Parties;
beforeAll(async () => {
  parties = await testParties();
});

describe("digest", () => {
  it("is the SHA-256 of header.payload and ignores the signature", async () => {
    const jws = await parties.turin.signer.sign(TYP.notice, { a: 1 });
    const other = `${signingInput(jws)}.${encode(new Uint8Array(64))}`;
    expect(await digest(jws)).toBe(await sha256Base64url(jws.slice(0, jws.lastIndexOf("."))));
    expect(await digest(other)).toBe(await digest(jws));
    expect(await outcomeOf(() => digest(`${jws}.`))).toBe("DOCUMENT_INVALID");
  });
});
