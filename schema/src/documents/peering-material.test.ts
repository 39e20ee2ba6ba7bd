import { beforeAll, describe, expect, it } from "vitest";
import { testParties } from "../testing/identities.js";
import { CONTRACT_ID } from "../testing/samples.js";
import type { Parties } from "../testing/vectors.js";
import { encryptTo, JWE_TYP } from "./jwe.js";
import type { PublicJwk } from "./keys.js";
import { decryptMaterial, encryptMaterial } from "./peering-material.js";

let parties: Parties;
beforeAll(async () => {
  parties = await testParties();
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
