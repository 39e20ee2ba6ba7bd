import { CompactSign, importJWK } from "jose";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { signerFrom } from "@catalog/schema/documents/jws";
import { CatalogError } from "@catalog/schema/errors";
import type { AuthenticationRequest } from "../graphql/listener-options.js";
import { ProofAuthenticator, type ProofPolicy } from "./proof-authenticator.js";
import { BODY, newParty, NOW, proofOf, requestWith, type Party } from "./proof-authenticator.fixture.js";
import type { SeenProofs } from "./seen-proofs.js";

let caller: Party;
let receiver: Party;
beforeAll(async () => {
  caller = await newParty();
  receiver = await newParty();
});

class MemorySeen implements SeenProofs {
  readonly used = new Set<string>();
  insert(iss: string, jti: string): Promise<boolean> {
    const isNew = !this.used.has(iss + jti);
    this.used.add(iss + jti);
    return Promise.resolve(isNew);
  }
}

function setUp(policy: Partial<ProofPolicy> = {}, seen = new MemorySeen()) {
  const authenticator = new ProofAuthenticator(
    {
      fingerprint: receiver.keys.fingerprint,
      keyOf: (kid) => Promise.resolve(kid === caller.keys.signing.kid ? caller.keys.signing.publicJwk : undefined),
      ...policy,
    },
    seen,
    { now: () => new Date(NOW * 1_000) },
  );
  return { authenticator, seen };
}

async function post(
  changes: Parameters<typeof proofOf>[2] = {},
  request: Partial<AuthenticationRequest> = {},
): Promise<AuthenticationRequest> {
  const proof = await proofOf(caller, receiver.keys.fingerprint, changes);
  return requestWith({ authorization: `Catalog ${proof}` }, request);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "accepted",
    (error: unknown) => (error instanceof CatalogError ? error.code : `unexpected ${String(error)}`),
  );
}

describe("a proof is accepted", () => {
  test("once, for the party that signed it", async () => {
    const { authenticator } = setUp();
    const request = await post();
    expect(await authenticator.authenticate(request)).toEqual({
      kind: "machine",
      fingerprint: caller.keys.fingerprint,
    });
    expect(await codeOf(authenticator.authenticate(request))).toBe("PROOF_REPLAYED");
  });

  test("on a WebSocket, from connection_init", async () => {
    const proof = await proofOf(caller, receiver.keys.fingerprint, { method: "GET", body: new Uint8Array() });
    const request = requestWith(
      {},
      { transport: "ws", method: "GET", rawBody: new Uint8Array(), connectionParams: { proof } },
    );
    expect(ProofAuthenticator.isPresent(request)).toBe(true);
    expect(await codeOf(setUp().authenticator.authenticate(request))).toBe("accepted");
  });

  test("at first contact with its descriptor, which the principal then carries", async () => {
    const stranger = await newParty({ clusterID: "stranger" });
    const proof = await proofOf(stranger, receiver.keys.fingerprint);
    const { authenticator } = setUp();
    const headers = { authorization: `Catalog ${proof}` };
    expect(await codeOf(authenticator.authenticate(requestWith(headers)))).toBe("PROOF_KEY_UNKNOWN");
    const principal = await authenticator.authenticate(
      requestWith({ ...headers, "catalog-descriptor": stranger.descriptor }),
    );
    expect(principal).toMatchObject({
      fingerprint: stranger.keys.fingerprint,
      firstContact: { jws: stranger.descriptor, descriptor: { clusterID: "stranger" } },
    });
  });

  test("for the path of the announced endpoint too, where a proxy stands in front", async () => {
    const { authenticator } = setUp({ announcedPath: () => "/turin/graphql" });
    expect(await codeOf(authenticator.authenticate(await post({ path: "/turin/graphql" })))).toBe("accepted");
    expect(await codeOf(authenticator.authenticate(await post()))).toBe("accepted");
    expect(await codeOf(authenticator.authenticate(await post({ path: "/milan/graphql" })))).toBe(
      "PROOF_TARGET_MISMATCH",
    );
  });
});

describe("a proof is refused", () => {
  test.each<[string, Parameters<typeof proofOf>[2], Partial<AuthenticationRequest>, string]>([
    ["of another body", {}, { rawBody: new TextEncoder().encode("{}") }, "PROOF_BODY_MISMATCH"],
    ["of another path", { path: "/admin" }, {}, "PROOF_TARGET_MISMATCH"],
    ["of another method", { method: "GET" }, {}, "PROOF_TARGET_MISMATCH"],
    ["for somebody else", { aud: "A".repeat(43) }, {}, "PROOF_AUDIENCE_MISMATCH"],
    ["too late", { now: NOW - 60 }, {}, "PROOF_EXPIRED"],
    ["with a clock behind", { now: NOW - 61 }, {}, "CLOCK_SKEW"],
    ["with a clock ahead", { now: NOW + 61 }, {}, "CLOCK_SKEW"],
    ["with a query string", {}, { query: "a=b" }, "PROOF_TARGET_MISMATCH"],
    ["by GET", {}, { method: "GET" }, "PROOF_TARGET_MISMATCH"],
  ])("%s", async (_name, proof, request, code) => {
    const { authenticator, seen } = setUp();
    expect(await codeOf(authenticator.authenticate(await post(proof, request)))).toBe(code);
    expect(seen.used.size).toBe(0);
  });

  test("with a Content-Encoding, and where there is none at all", async () => {
    const { authenticator } = setUp();
    const request = await post();
    const encoded = { ...request, headers: { ...request.headers, "content-encoding": "gzip" } };
    expect(await codeOf(authenticator.authenticate(encoded))).toBe("PROOF_BODY_MISMATCH");
    expect(await codeOf(authenticator.authenticate(requestWith({})))).toBe("PROOF_MISSING");
    expect(await codeOf(authenticator.authenticate(requestWith({ authorization: "Bearer x" })))).toBe("PROOF_MISSING");
  });

  test("signed by a key that only claims to be the caller's", async () => {
    const forger = await newParty();
    const mine = await proofOf(caller, receiver.keys.fingerprint);
    const [header, payload] = mine.split(".");
    const key = await importJWK({ ...forger.keys.signing.privateJwk }, "EdDSA");
    const protectedHeader = JSON.parse(Buffer.from(header ?? "", "base64url").toString()) as { alg: string };
    const forged = await new CompactSign(Buffer.from(payload ?? "", "base64url"))
      .setProtectedHeader(protectedHeader)
      .sign(key);
    expect(await codeOf(setUp().authenticator.authenticate(requestWith({ authorization: `Catalog ${forged}` })))).toBe(
      "PROOF_INVALID",
    );
  });

  test("with the descriptor of another party, or a broken one", async () => {
    const [one, two] = [await newParty(), await newParty()];
    const proof = await proofOf(one, receiver.keys.fingerprint);
    const withDescriptor = (descriptor: string) =>
      setUp().authenticator.authenticate(
        requestWith({ authorization: `Catalog ${proof}`, "catalog-descriptor": descriptor }),
      );
    expect(await codeOf(withDescriptor(two.descriptor))).toBe("PROOF_KEY_UNKNOWN");
    expect(await codeOf(withDescriptor(one.descriptor.slice(0, -2)))).toBe("DOCUMENT_INVALID");
  });

  test("in the name of another party, with the signer's own descriptor", async () => {
    const impostor = await newParty();
    const disguised = await signerFrom({ ...impostor.keys, fingerprint: caller.keys.fingerprint });
    const proof = await proofOf({ ...impostor, signer: disguised }, receiver.keys.fingerprint);
    const headers = { authorization: `Catalog ${proof}`, "catalog-descriptor": impostor.descriptor };
    expect(await codeOf(setUp().authenticator.authenticate(requestWith(headers)))).toBe("PROOF_KEY_UNKNOWN");
  });

  test("that another process has accepted", async () => {
    const { authenticator, seen } = setUp();
    const request = await post();
    await authenticator.authenticate(request);
    const other = setUp({}, seen);
    expect(await codeOf(other.authenticator.authenticate(request))).toBe("PROOF_REPLAYED");
  });

  test("whatever character of it is changed, and then it is not used up", async () => {
    const { authenticator, seen } = setUp();
    const proof = await proofOf(caller, receiver.keys.fingerprint);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= ";
    const change = fc.tuple(fc.nat(proof.length - 1), fc.constantFrom(...alphabet.split("")));
    await fc.assert(
      fc.asyncProperty(change, async ([at, character]) => {
        const forged = proof.slice(0, at) + character + proof.slice(at + 1);
        fc.pre(forged !== proof);
        const code = await codeOf(authenticator.authenticate(requestWith({ authorization: `Catalog ${forged}` })));
        expect(code).toMatch(/^(PROOF_|CLOCK_SKEW)/);
      }),
      { numRuns: 1_000 },
    );
    expect(seen.used.size).toBe(0);
    expect(await codeOf(authenticator.authenticate(requestWith({ authorization: `Catalog ${proof}` })))).toBe(
      "accepted",
    );
  });

  test("by one who is not admitted: the question comes after the signature and before the proof is used up", async () => {
    let asked = 0;
    const admit = () => Promise.reject(((asked += 1), new CatalogError("NOT_A_MEMBER", "no member")));
    const { authenticator, seen } = setUp({ admit });
    expect(await codeOf(authenticator.authenticate(await post({}, { rawBody: BODY.slice(1) })))).toBe(
      "PROOF_BODY_MISMATCH",
    );
    expect(asked).toBe(0);
    expect(await codeOf(authenticator.authenticate(await post()))).toBe("NOT_A_MEMBER");
    expect(seen.used.size).toBe(0);
  });
});
