import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { testParties } from "../testing/identities.js";
import {
  contractTerms,
  clusterDescriptor,
  CONTRACT_ID,
  JTI,
  NOW,
  NUMBER,
  OFFER,
  offerDocument,
} from "../testing/samples.js";
import { outcomeOf, type Parties } from "../testing/vectors.js";
import { decodeCanonical, encode, isBase64urlOf, sha256Base64url } from "./base64url.js";
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
import { keyFor, signDescriptor, verifyDescriptor } from "./descriptor.js";
import { decryptWith, encryptTo, JWE_TYP } from "./jwe.js";
import { formatJoinString, parseJoinString } from "./join-string.js";
import { DOCUMENT_LIMITS, digest, peekJws, signerFrom, signingInput, TYP, verifyJws } from "./jws.js";
import { generateIdentity, thumbprint, type PublicJwk } from "./keys.js";
import { signOffer, verifyOffer } from "./offer-document.js";
import { decryptMaterial, encryptMaterial } from "./peering-material.js";
import { checkProof, signProof } from "./request-proof.js";
import { signRotation } from "./rotation.js";
import { parseStrictText } from "./strict-json.js";

let parties: Parties;
beforeAll(async () => {
  parties = await testParties();
});

const bytes = (length: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map(encode);

describe("base64url", () => {
  it("gives every byte string back, and agrees with the platform", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
        expect(encode(data)).toBe(Buffer.from(data).toString("base64url"));
        expect([...decodeCanonical(encode(data))]).toEqual([...data]);
      }),
    );
  });

  it("has one text for each byte string: what is accepted encodes to itself", async () => {
    const text = fc.string({ unit: fc.constantFrom(..."AQgwBCxyz019-_=+/ "), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(text, async (candidate) => {
        const outcome = await outcomeOf(async () => expect(encode(decodeCanonical(candidate))).toBe(candidate));
        expect(["accepted", "DOCUMENT_INVALID"]).toContain(outcome);
      }),
      { numRuns: 2000 },
    );
  });

  it("encodes more than fits on a call stack", () => {
    expect(decodeCanonical(encode(new Uint8Array(300_000)))).toHaveLength(300_000);
  });

  it("knows lengths", () => {
    expect(isBase64urlOf("AAAA", 3)).toBe(true);
    expect(isBase64urlOf("AAAA", 4)).toBe(false);
    expect(isBase64urlOf("AAB", 2)).toBe(false);
    expect(isBase64urlOf(7, 3)).toBe(false);
  });
});

describe("keys", () => {
  it("have the thumbprint of RFC 8037 appendix A.3", async () => {
    const jwk: PublicJwk = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
    expect(await thumbprint(jwk)).toBe("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  });

  it("sign with the private key of RFC 8037 appendix A.1", async () => {
    const publicJwk: PublicJwk = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
    const kid = await thumbprint(publicJwk);
    const signing = { publicJwk, privateJwk: { ...publicJwk, d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" }, kid };
    const signer = await signerFrom({ signing, encryption: parties.paris.keys.encryption, fingerprint: kid });
    const jws = await signer.sign(TYP.notice, { a: 1 });
    expect(await verifyJws(jws, TYP.notice, () => publicJwk)).toMatchObject({ payload: { a: 1 }, header: { kid } });
  });

  it("are new for every identity and can do what they are for", async () => {
    const [a, b] = [await generateIdentity(), await generateIdentity()];
    expect(a.fingerprint).not.toBe(b.fingerprint);
    expect(a.fingerprint).toBe(await thumbprint(a.signing.publicJwk));
    const jwe = await encryptTo(a.encryption.publicJwk, JWE_TYP.peering, new Uint8Array([1, 2, 3]));
    expect([...(await decryptWith(a.encryption, JWE_TYP.peering, jwe))]).toEqual([1, 2, 3]);
    expect(await outcomeOf(() => decryptWith(b.encryption, JWE_TYP.peering, jwe))).toBe("DOCUMENT_INVALID");
    expect(await outcomeOf(() => decryptWith(a.encryption, JWE_TYP.joinToken, jwe))).toBe("DOCUMENT_INVALID");
  });
});

describe("strict JSON", () => {
  it("reads every object that has no trap as JSON.parse does", () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { noNullPrototype: true });
    fc.assert(
      fc.property(object, (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/\\u0000|\\ud[89a-f]|__proto__/i.test(text));
        expect(parseStrictText(text, "it")).toEqual(JSON.parse(text));
      }),
    );
  });

  it("tells a value from a name and a bracket in a string from a bracket", () => {
    const text = '{"a":"a","b":"{\\"a\\":1,\\"a\\":2}","c":["a","a",{"a":":"}],"d":{"a":1}}';
    expect(parseStrictText(text, "it")).toEqual(JSON.parse(text));
  });
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

describe("a chain of keys", () => {
  it("finds the key of a document by its number", async () => {
    const { turin, turin2 } = parties;
    const [prev, next] = [turin.keys.signing.publicJwk, turin2.keys.signing.publicJwk];
    const rotation = await signRotation(turin.signer, turin2.signer, { n: 1, prev, next, lastNumber: NUMBER });
    const descriptor = await verifyDescriptor(
      await signDescriptor(turin2.signer, clusterDescriptor(turin2, "Turin", [rotation])),
    );
    expect(await keyFor(descriptor, turin.signer.kid, NUMBER)).toEqual(prev);
    expect(await keyFor(descriptor, turin2.signer.kid, NUMBER + 1)).toEqual(next);
    expect(await outcomeOf(() => keyFor(descriptor, turin.signer.kid, NUMBER + 1))).toBe("DOCUMENT_INVALID");
    expect(await outcomeOf(() => keyFor(descriptor, parties.paris.signer.kid, 1))).toBe("DOCUMENT_INVALID");
  });

  it("of the longest kind and with the longest names still fits into a request header", async () => {
    const signers = await Promise.all(Array.from({ length: 9 }, async () => generateIdentity()));
    const [first] = signers;
    if (first === undefined) throw new Error("no keys");
    const rotations = await Promise.all(
      signers.slice(1).map(async (next, index) => {
        const prev = signers[index] ?? first;
        const statement = {
          n: index + 1,
          prev: prev.signing.publicJwk,
          next: next.signing.publicJwk,
          lastNumber: NUMBER + index,
        };
        return signRotation(await signerFrom(prev), await signerFrom(next), statement);
      }),
    );
    const keys = { ...(signers[8] ?? first), fingerprint: first.fingerprint };
    const party = { keys, signer: await signerFrom(keys) };
    const long = {
      clusterID: "c".repeat(63),
      clusterName: "n".repeat(63),
      clusterPrettyName: "è".repeat(128),
      tlsSpki: first.fingerprint,
    };
    const jws = await signDescriptor(party.signer, { ...clusterDescriptor(party, "Turin", rotations), ...long });
    expect(jws.length).toBeLessThan(DOCUMENT_LIMITS[TYP.descriptor]);
    expect((await verifyDescriptor(jws)).rotations).toHaveLength(8);
  });
});

describe("an offer document", () => {
  it("may be as large as its limit and no larger", async () => {
    const { turin } = parties;
    const descriptor = await verifyDescriptor(await signDescriptor(turin.signer, clusterDescriptor(turin, "Turin")));
    const plans = Array.from({ length: 50 }, (_, i) => ({
      ...OFFER.plans[0],
      planID: `plan-${i}`,
      planName: "n".repeat(100),
    }));
    const stock = Object.fromEntries(plans.map(({ planID }) => [planID, 1]));
    const document = { ...offerDocument(turin), offer: { ...OFFER, plans, description: "d".repeat(4000) }, stock };
    const jws = await turin.signer.sign(TYP.offer, document);
    expect(jws.length).toBeGreaterThan(20_000);
    expect((await verifyOffer(jws, descriptor)).offer.plans).toHaveLength(50);
    const large = await signOffer(turin.signer, { ...offerDocument(turin), ...{ more: "x".repeat(32_768) } });
    expect(await outcomeOf(() => verifyOffer(large, descriptor))).toBe("DOCUMENT_TOO_LARGE");
  });
});

describe("a request proof", () => {
  const target = { method: "POST", path: "/graphql" };

  it("is good for the request it was made for", async () => {
    const { turin, broker } = parties;
    const body = new TextEncoder().encode("{}");
    const aud = broker.keys.fingerprint;
    const jws = await signProof(turin.signer, { aud, ...target, body, now: NOW, jti: JTI });
    const expect_ = { aud, ...target, bodyHash: await sha256Base64url(body), now: NOW };
    const proof = await checkProof(jws, expect_, (kid, iss) =>
      iss === turin.keys.fingerprint && kid === iss ? turin.keys.signing.publicJwk : undefined,
    );
    expect(proof).toMatchObject({ iss: turin.keys.fingerprint, jti: JTI, exp: NOW + 60 });
    expect(jws.length).toBeLessThan(DOCUMENT_LIMITS[TYP.request]);
  });

  it("looks for the key only after every cheap check, and tells the time to a wrong clock", async () => {
    const { turin, broker } = parties;
    const aud = broker.keys.fingerprint;
    const jws = await signProof(turin.signer, { aud, ...target, body: new Uint8Array(), now: NOW, jti: JTI });
    const good = { aud, ...target, bodyHash: await sha256Base64url(""), now: NOW };
    const wrong = [
      { now: NOW + 61 },
      { now: NOW + 60 },
      { aud: "x" },
      { method: "GET" },
      { path: "/" },
      { bodyHash: "x" },
    ];
    let asked = 0;
    const keyOf = (): undefined => void asked++;
    for (const change of wrong) await outcomeOf(() => checkProof(jws, { ...good, ...change }, keyOf));
    expect(asked).toBe(0);
    await expect(checkProof(jws, { ...good, now: NOW + 300 }, keyOf)).rejects.toMatchObject({
      code: "CLOCK_SKEW",
      details: { serverTime: NOW + 300 },
    });
    expect(await outcomeOf(() => checkProof(jws, good, keyOf))).toBe("PROOF_KEY_UNKNOWN");
    expect(asked).toBe(1);
  });
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

describe("peering material", () => {
  it("keeps its token out of every error", async () => {
    const { turin, paris } = parties;
    const token = "s3cret-token-of-liqo";
    const parameters = { clusterName: "turin", clusterID: "turin", endpoint: null, token };
    const about = { contractID: CONTRACT_ID, aud: paris.keys.fingerprint };
    const jwe = await encryptMaterial(turin.signer, paris.keys.encryption.publicJwk, { ...about, parameters });
    const plain = await encryptTo(paris.keys.encryption.publicJwk, JWE_TYP.peering, new TextEncoder().encode(token));
    const keyOf = (): PublicJwk => turin.keys.signing.publicJwk;
    const expected = { iss: turin.keys.fingerprint, ...about, keyOf };
    expect((await decryptMaterial(jwe, paris.keys.encryption, expected)).parameters.token).toBe(token);
    const attempts = [
      decryptMaterial(jwe, paris.keys.encryption, { ...expected, aud: "x" }),
      decryptMaterial(plain, paris.keys.encryption, expected),
    ];
    for (const attempt of attempts) {
      const error = await attempt.then(
        () => new Error("accepted"),
        (reason: Error) => reason,
      );
      expect(error.message).not.toContain("s3cret");
      expect(error).toMatchObject({ code: "DOCUMENT_INVALID" });
    }
  });
});

describe("a join string", () => {
  it("is read back as it was written", () => {
    const url = fc.constantFrom("https://broker.example.org", "http://127.0.0.1:8000", "https://[::1]:8000/catalog");
    const token = fc.option(fc.record({ tokenId: bytes(6), secret: bytes(32) }), {
      nil: { tokenId: null, secret: null },
    });
    const pins = fc.record({ kid: bytes(32), spki: bytes(32) }, { requiredKeys: [] });
    fc.assert(
      fc.property(url, bytes(32), token, pins, (brokerUrl, fingerprint, credentials, pinned) => {
        const join = { brokerUrl, fingerprint, ...credentials, ...pinned };
        expect(parseJoinString(formatJoinString(join))).toEqual(join);
      }),
    );
  });

  it("is refused where it could not be read back", () => {
    const join = { brokerUrl: "https://a.org", fingerprint: "short", tokenId: null, secret: null };
    expect(() => formatJoinString(join)).toThrow(/fingerprint/);
  });
});
