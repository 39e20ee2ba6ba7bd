import { beforeAll, describe, expect, it } from "vitest";
import { testParties } from "../testing/identities.js";
import { contractTerms } from "../testing/samples.js";
import { outcomeOf, type Parties } from "../testing/vectors.js";
import { sha256Base64url } from "./base64url.js";
import {
  assemble,
  contractHash,
  contractTermsHash,
  cosign,
  signTerms,
  termsHash,
  verifyContract,
  verifyCosignature,
} from "./contract-document.js";
import { peekJws } from "./jws.js";
import type { PublicJwk } from "./keys.js";

let parties: Parties;
beforeAll(async () => {
  parties = await testParties();
});

describe("a contract", () => {
  it("is the same bytes on both sides, each from what it received", async () => {
    const { turin, paris } = parties;
    const termsJws = await signTerms(turin.signer, contractTerms(turin, paris, await sha256Base64url("offer")));
    const signature = await cosign(paris.signer, termsJws);
    const received = JSON.parse(JSON.stringify(signature)) as typeof signature;
    const [bySeller, byBuyer] = [assemble(termsJws, received), assemble(termsJws, signature)];
    expect(bySeller).toBe(byBuyer);
    expect(await contractTermsHash(bySeller)).toBe(await termsHash(termsJws));
    expect(await contractHash(bySeller)).toBe(await sha256Base64url(bySeller));
    await verifyCosignature(termsJws, signature, () => paris.keys.signing.publicJwk);
    const terms = await verifyContract(
      bySeller,
      () => turin.keys.signing.publicJwk,
      () => paris.keys.signing.publicJwk,
    );
    expect(terms).toEqual(peekJws(termsJws).payload);
  });

  it("asks for the keys of the parties that the terms name", async () => {
    const { turin, paris } = parties;
    const termsJws = await signTerms(turin.signer, contractTerms(turin, paris, await sha256Base64url("offer")));
    const text = assemble(termsJws, await cosign(paris.signer, termsJws));
    const asked: string[] = [];
    const remember =
      (key: PublicJwk) =>
      (_kid: string, fingerprint: string): PublicJwk => {
        asked.push(fingerprint);
        return key;
      };
    await verifyContract(text, remember(turin.keys.signing.publicJwk), remember(paris.keys.signing.publicJwk));
    expect(asked).toEqual([turin.keys.fingerprint, paris.keys.fingerprint]);
  });

  it("is refused with both signatures by one key, even if that key is found for both parties", async () => {
    const { turin, paris } = parties;
    const termsJws = await signTerms(turin.signer, contractTerms(turin, paris, await sha256Base64url("offer")));
    const text = assemble(termsJws, await cosign(turin.signer, termsJws));
    const keyOf = (): PublicJwk => turin.keys.signing.publicJwk;
    expect(await outcomeOf(() => verifyContract(text, keyOf, keyOf))).toBe("DOCUMENT_INVALID");
  });

  it("refuses a co-signature by anybody but the buyer", async () => {
    const { turin, paris, mallory } = parties;
    const termsJws = await signTerms(turin.signer, contractTerms(turin, paris, await sha256Base64url("offer")));
    const keyOf = (kid: string): PublicJwk | undefined =>
      kid === paris.signer.kid ? paris.keys.signing.publicJwk : undefined;
    const byMallory = await cosign(mallory.signer, termsJws);
    const pretending = { ...byMallory, protected: (await cosign(paris.signer, termsJws)).protected };
    expect(await outcomeOf(() => verifyCosignature(termsJws, byMallory, keyOf))).toBe("DOCUMENT_INVALID");
    expect(await outcomeOf(() => verifyCosignature(termsJws, pretending, keyOf))).toBe("DOCUMENT_INVALID");
  });
});
