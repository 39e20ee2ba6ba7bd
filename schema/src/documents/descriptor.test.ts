import { beforeAll, describe, expect, it } from "vitest";
import { testParties } from "../testing/identities.js";
import { clusterDescriptor, NUMBER } from "../testing/samples.js";
import { outcomeOf, type Parties } from "../testing/vectors.js";
import { keyFor, signDescriptor, verifyDescriptor } from "./descriptor.js";
import { DOCUMENT_LIMITS, signerFrom, TYP } from "./jws.js";
import { generateIdentity } from "./keys.js";
import { signRotation, verifyRotations } from "./rotation.js";

let parties: Parties;
beforeAll(async () => {
  parties = await testParties();
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

  it("must end at the key that the descriptor names", async () => {
    const { turin, paris } = parties;
    const wrong = paris.keys.signing.publicJwk;
    expect(await outcomeOf(() => verifyRotations(turin.keys.fingerprint, [], wrong))).toBe("DOCUMENT_INVALID");
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
