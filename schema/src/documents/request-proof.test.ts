import { beforeAll, describe, expect, it } from "vitest";
import { testParties } from "../testing/identities.js";
import { JTI, NOW } from "../testing/samples.js";
import { outcomeOf, type Parties } from "../testing/vectors.js";
import { sha256Base64url } from "./base64url.js";
import { DOCUMENT_LIMITS, TYP } from "./jws.js";
import { checkProof, signProof } from "./request-proof.js";

let parties: Parties;
beforeAll(async () => {
  parties = await testParties();
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
