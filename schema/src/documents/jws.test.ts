import { beforeAll, describe, expect, it } from "vitest";
import { encodeJson, signSegments } from "../testing/forgeries.js";
import type { PublicJwk } from "./keys.js";
import { testParties } from "../testing/identities.js";
import { outcomeOf, type Parties } from "../testing/vectors.js";
import { encode, sha256Base64url } from "./base64url.js";
import { peekJws, verifyJws, digest, signingInput, TYP } from "./jws.js";

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

describe("a JWS", () => {
  it("counts only under the thumbprint of the key that signed it, whatever the lookup says", async () => {
    const { turin, mallory } = parties;
    const header = encodeJson({ alg: "EdDSA", typ: TYP.notice, kid: turin.signer.kid });
    const jws = await signSegments(mallory, header, encodeJson({ a: 1 }));
    const confused = (): PublicJwk => mallory.keys.signing.publicJwk;
    expect(await outcomeOf(() => verifyJws(jws, TYP.notice, confused))).toBe("DOCUMENT_INVALID");
  });

  it("is refused with another algorithm even where only its content is looked at", async () => {
    const header = encodeJson({ alg: "none", typ: TYP.notice, kid: parties.turin.signer.kid });
    const jws = await signSegments(parties.turin, header, encodeJson({ a: 1 }));
    expect(await outcomeOf(async () => peekJws(jws, TYP.notice))).toBe("DOCUMENT_INVALID");
  });
});
