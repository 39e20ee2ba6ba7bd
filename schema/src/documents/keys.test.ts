import { beforeAll, describe, expect, it } from "vitest";
import { testParties } from "../testing/identities.js";
import { outcomeOf, type Parties } from "../testing/vectors.js";
import { decryptWith, encryptTo, JWE_TYP } from "./jwe.js";
import { signerFrom, TYP, verifyJws } from "./jws.js";
import { generateIdentity, thumbprint, type PublicJwk } from "./keys.js";

let parties: Parties;
beforeAll(async () => {
  parties = await testParties();
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
