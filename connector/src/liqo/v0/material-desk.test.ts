import { generateIdentity, type IdentityKeys } from "@catalog/schema/documents/keys";
import { signerFrom } from "@catalog/schema/documents/jws";
import { encryptMaterial } from "@catalog/schema/documents/peering-material";
import type { ClusterParameters } from "@catalog/schema/catalog";
import { CatalogError } from "@catalog/schema/errors";
import { EndpointGuard } from "@catalog/server/outgoing/endpoint-guard";
import { beforeAll, describe, expect, it } from "vitest";
import type { Contract } from "../../domain/contract.js";
import { sampleContract } from "../../testing/sample-contract.js";
import { failureOf, MaterialDesk, MaterialRefusedError } from "./material-desk.js";

let turin: IdentityKeys;
let paris: IdentityKeys;
let stranger: IdentityKeys;
let contract: Contract;
beforeAll(async () => {
  [turin, paris, stranger] = await Promise.all([generateIdentity(), generateIdentity(), generateIdentity()]);
  const base = sampleContract({ state: "ACTIVE" });
  contract = {
    ...base,
    seller: { ...base.seller, fingerprint: turin.fingerprint },
    buyer: { ...base.buyer, fingerprint: paris.fingerprint, encKey: paris.encryption.publicJwk },
    counterpartyKey: turin.signing.publicJwk,
  };
});

const PARAMETERS: ClusterParameters = {
  clusterID: "cluster-turin",
  clusterName: "turin",
  endpoint: "https://93.184.216.34:8443",
  token: "t".repeat(128),
};
const guard = new EndpointGuard({ allowHttp: false, allowCidrs: [], denyCidrs: [] });

interface Lie {
  readonly parameters?: Partial<ClusterParameters>;
  readonly signer?: () => IdentityKeys;
  readonly recipient?: () => IdentityKeys;
  readonly aud?: () => string;
  readonly contractID?: string;
}

async function fetch(lie: Lie = {}, reply?: object) {
  const desk = new MaterialDesk({ fingerprint: paris.fingerprint, keys: paris }, guard, async () => undefined);
  const signer = await signerFrom((lie.signer ?? (() => turin))());
  const jwe = await encryptMaterial(signer, (lie.recipient ?? (() => paris))().encryption.publicJwk, {
    contractID: lie.contractID ?? contract.contractID,
    aud: lie.aud?.() ?? paris.fingerprint,
    parameters: { ...PARAMETERS, ...lie.parameters },
  });
  return desk.fetch(contract, async () => (reply ?? { type: "material", jwe }) as { type: string });
}

it("believes what the seller of this contract signed for us about its own cluster", async () => {
  expect(await fetch()).toEqual({
    clusterID: "cluster-turin",
    clusterName: "turin",
    authUrl: "https://93.184.216.34:8443",
    token: "t".repeat(128),
    contractID: contract.contractID,
  });
});

describe("believes nothing else", () => {
  it.each<[string, Lie]>([
    ["another signer", { signer: () => stranger }],
    ["another recipient", { recipient: () => stranger }],
    ["another audience", { aud: () => stranger.fingerprint }],
    ["another contract", { contractID: "0198c0de-0000-7000-8000-000000000002" }],
    ["another cluster id", { parameters: { clusterID: "cluster-milan" } }],
    ["a name that is none", { parameters: { clusterName: "Turin_" } }],
    ["no address", { parameters: { endpoint: null } }],
    ["no token", { parameters: { token: null } }],
    ["a token with a line break in it", { parameters: { token: "a b" } }],
    ["a loopback address", { parameters: { endpoint: "https://127.0.0.1:6443" } }],
    ["a cloud's metadata address", { parameters: { endpoint: "https://169.254.169.254" } }],
    ["a private address", { parameters: { endpoint: "https://10.0.0.1" } }],
    ["an address that the CRD refuses", { parameters: { endpoint: "https://localhost:6443" } }],
  ])("%s", async (_what, lie) => {
    await expect(fetch(lie)).rejects.toMatchObject({ code: "DOCUMENT_INVALID" });
  });

  it.each([
    { type: "material" },
    { type: "status", jwe: "a.b.c.d.e" },
    { type: "material", jwe: "x".repeat(20_000) },
    { type: "material", jwe: 7 },
  ])("%j", async (reply) => {
    await expect(fetch({}, reply)).rejects.toMatchObject({ code: "DOCUMENT_INVALID" });
  });
});

it("tells the admin which setting would allow the address, and what is only away", async () => {
  const refusal = await fetch({ parameters: { endpoint: "https://10.0.0.1" } }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(MaterialRefusedError);
  expect(failureOf(refusal)).toMatchObject({ isDefinitive: true, whatToDo: expect.stringContaining("ALLOW_CIDRS") });
  expect(failureOf(new CatalogError("PEER_UNREACHABLE", "away"))).toMatchObject({ isDefinitive: false });
  expect(() => failureOf(new TypeError("a defect"))).toThrow("a defect");
});
