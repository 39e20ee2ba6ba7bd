import { generateIdentity, type IdentityKeys } from "@catalog/schema/documents/keys";
import { signerFrom } from "@catalog/schema/documents/jws";
import { decryptMaterial, encryptMaterial } from "@catalog/schema/documents/peering-material";
import { EndpointGuard } from "@catalog/server/outgoing/endpoint-guard";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { Contract } from "../../domain/contract.js";
import type {
  PeeringExchange,
  PeeringMessage,
  PeeringSide,
  PeeringTask,
} from "../../services/peerings/peering-ports.js";
import { sampleContract } from "../../testing/sample-contract.js";
import { MaterialDesk } from "../v0/material-desk.js";
import { ManualPeering } from "./manual-peering.js";
import type { ManualSettings } from "./manual-settings.js";

const TOKEN = "t0k3n".repeat(20);
const OTHER_TOKEN = "0th3r".repeat(20);
const ENDPOINT = "https://93.184.216.34:8443";
const liqo = { mode: "manual", version: "0.8.1" };
let turin: IdentityKeys;
let paris: IdentityKeys;
beforeAll(async () => {
  [turin, paris] = await Promise.all([generateIdentity(), generateIdentity()]);
});

/** Two Connectors by hand on Liqo 0.8, of which paris buys from turin. */
class Pair {
  contracts: readonly Contract[] = [this.contract(1)];
  /** What turin's admin has said of its Liqo. */
  told: { endpoint: string | null; token: string | null } = { endpoint: ENDPOINT, token: TOKEN };
  wanted = true;
  asked = 0;
  readonly states: Record<PeeringSide, unknown> = { CUSTOMER: null, PROVIDER: null };

  contract(number: number, peering: string | null = null): Contract {
    const base = sampleContract({ state: "ACTIVE" });
    return {
      ...base,
      contractID: `0198c0de-0000-7000-8000-00000000000${number}`,
      activatedAt: number,
      buyer: { ...base.buyer, fingerprint: paris.fingerprint, encKey: paris.encryption.publicJwk, liqo },
      seller: { ...base.seller, fingerprint: turin.fingerprint, clusterID: "cluster-turin", liqo },
      counterpartyKey: turin.signing.publicJwk,
      documents: { ...base.documents, peering },
    };
  }

  /** What turin's Connector sends with the activation of a contract. */
  async brought(number: number, parameters: object = {}): Promise<Contract> {
    const { contractID } = this.contract(number);
    const told = { clusterID: "cluster-turin", clusterName: "turin", endpoint: ENDPOINT, token: TOKEN, ...parameters };
    const content = { contractID, aud: paris.fingerprint, parameters: told };
    return this.contract(number, await encryptMaterial(await signerFrom(turin), paris.encryption.publicJwk, content));
  }

  exchange: PeeringExchange = async (contract, message) => {
    this.asked++;
    const { reply, state } = await (await this.driver("PROVIDER")).answer(contract, message, this.states.PROVIDER);
    this.states.PROVIDER = state;
    return JSON.parse(JSON.stringify(reply)) as PeeringMessage;
  };

  async look(side: PeeringSide) {
    const report = await (await this.driver(side)).reconcile(this.task(side), this.exchange);
    this.states[side] = report.state;
    return report;
  }

  async byHand(side: PeeringSide) {
    const { manifests, questions } = await (await this.driver(side)).byHand(this.task(side));
    return { manifests, asked: questions.map(({ name }) => name) };
  }

  async tell(side: PeeringSide, name: string): Promise<void> {
    this.states[side] = await (await this.driver(side)).accept(this.task(side), [{ name, value: "yes" }]);
  }

  /** The token in the Secret that paris' admin is to apply. */
  async token(): Promise<string | undefined> {
    const objects = parseAllDocuments((await this.byHand("CUSTOMER")).manifests ?? "").map(
      (document) => document.toJS() as { kind?: string; data?: { token?: string } } | null,
    );
    const encoded = objects.find((object) => object?.kind === "Secret")?.data?.token;
    return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString();
  }

  task(side: PeeringSide): PeeringTask {
    const [contract = this.contract(1)] = this.contracts;
    const { fingerprint, clusterID, clusterName } = side === "CUSTOMER" ? contract.seller : contract.buyer;
    const state = JSON.parse(JSON.stringify(this.states[side] ?? null)) as unknown;
    const contracts = this.wanted ? this.contracts : [];
    const peer = { fingerprint, clusterID, clusterName, liqo };
    return {
      side,
      peer,
      state,
      network: false,
      isAllowed: false,
      isOtherUp: false,
      wanted: this.wanted,
      contracts,
      ending: [],
    };
  }

  private async driver(side: PeeringSide): Promise<ManualPeering> {
    const keys = side === "CUSTOMER" ? paris : turin;
    const guard = new EndpointGuard({ allowHttp: false, allowCidrs: [], denyCidrs: [] });
    const desk = new MaterialDesk({ fingerprint: keys.fingerprint, keys }, guard, async () => undefined);
    const settings: ManualSettings = {
      cluster: { clusterID: "cluster-turin", clusterName: "turin", liqoVersion: "0.8.1", ...this.told },
      identity: { signer: await signerFrom(keys) },
      liqoNamespace: "liqo",
      className: "catalog",
      resourcesOf: () => ({ cpu: 2_000_000_000n }),
      checkAddress: async () => undefined,
      material: (contract, exchange) => desk.fetch(contract, exchange),
    };
    return new ManualPeering(settings);
  }
}

let pair: Pair;
beforeEach(() => {
  pair = new Pair();
});

describe("by hand on both sides with Liqo 0.x", () => {
  it("the customer gets a Secret and a ForeignCluster, the provider a command, and both stand when their admins say so", async () => {
    expect(await pair.look("PROVIDER")).toMatchObject({ phase: "WAITING" });
    expect(await pair.look("CUSTOMER")).toMatchObject({
      phase: "WAITING",
      message: expect.stringMatching(/manifests are ready/),
    });
    const { manifests, asked } = await pair.byHand("CUSTOMER");
    expect(
      parseAllDocuments(manifests ?? "", { version: "1.1" }).map((document) => document.toJS() as unknown),
    ).toMatchObject([
      { kind: "Secret", metadata: { name: "remote-token-cluster-turin", namespace: "liqo" } },
      {
        kind: "ForeignCluster",
        metadata: { name: "turin" },
        spec: { foreignAuthUrl: ENDPOINT, outgoingPeeringEnabled: "Yes" },
      },
    ]);
    expect(await pair.token()).toBe(TOKEN);
    expect(asked).toEqual(["applied", "refused"]);
    await pair.tell("CUSTOMER", "applied");
    expect(await pair.look("CUSTOMER")).toMatchObject({ phase: "ESTABLISHED", whatToDo: null });
    expect((await pair.byHand("CUSTOMER")).asked).toEqual(["refused"]);

    const [contract] = pair.contracts;
    const status = () => pair.exchange(contract as Contract, { type: "status" });
    expect(await status()).toMatchObject({ type: "status", phase: "WAITING", granted: { cpu: "2" } });
    const provider = await pair.byHand("PROVIDER");
    expect(provider.manifests).toContain(`-l discovery.liqo.io/cluster-id=${contract?.buyer.clusterID} -o name`);
    expect(provider.manifests).not.toContain(TOKEN);
    await pair.tell("PROVIDER", "applied");
    expect(await pair.look("PROVIDER")).toMatchObject({ phase: "ESTABLISHED" });
    expect(await status()).toMatchObject({ phase: "ESTABLISHED" });

    pair.wanted = false;
    const down = [await pair.look("CUSTOMER"), await pair.look("PROVIDER")];
    expect(down.map(({ phase, state }) => [phase, state])).toEqual([
      ["GONE", null],
      ["GONE", null],
    ]);
    expect(down[0]?.whatToDo).toContain("kubectl delete secret remote-token-cluster-turin -n liqo");
    expect(down[1]?.whatToDo).toContain('"incomingPeeringEnabled":"No"');
    expect(await pair.byHand("CUSTOMER")).toEqual({ manifests: null, asked: [] });
  });

  it("what is kept, told and sent holds no token but for its reader", async () => {
    const report = await pair.look("CUSTOMER");
    await pair.tell("CUSTOMER", "applied");
    expect(JSON.stringify([report, pair.states])).not.toContain(TOKEN);
    const [contract] = pair.contracts;
    const { jwe } = await pair.exchange(contract as Contract, { type: "material" });
    const expected = {
      iss: turin.fingerprint,
      contractID: contract?.contractID ?? "",
      keyOf: () => turin.signing.publicJwk,
    };
    const read = (keys: IdentityKeys) =>
      decryptMaterial(String(jwe), keys.encryption, { ...expected, aud: paris.fingerprint });
    expect((await read(paris)).parameters.token).toBe(TOKEN);
    await expect(read(turin)).rejects.toMatchObject({ code: "DOCUMENT_INVALID" });
  });

  it("what came with the contract is used without asking", async () => {
    pair.contracts = [await pair.brought(1)];
    await pair.look("CUSTOMER");
    expect(await pair.token()).toBe(TOKEN);
    expect(pair.asked).toBe(0);
  });
});

describe("material that cannot be used, or not any more", () => {
  it("while the provider has not said how it is reached, that is told, and it is asked again", async () => {
    pair.told = { endpoint: null, token: null };
    expect(await pair.look("CUSTOMER")).toMatchObject({
      phase: "WAITING",
      message: expect.stringMatching(/admin has not said yet/),
    });
    expect(await pair.byHand("CUSTOMER")).toEqual({ manifests: null, asked: [] });
    pair.told = { endpoint: ENDPOINT, token: TOKEN };
    await pair.look("CUSTOMER");
    expect(await pair.token()).toBe(TOKEN);
  });

  it.each([
    ["an address that may not be called", { endpoint: "https://169.254.169.254" }, /link-local/],
    ["an address that Liqo does not take", { endpoint: "https://localhost" }, /wants a host/],
    ["another cluster's", { clusterID: "cluster-milan" }, /cluster-milan/],
    ["a name that is none", { clusterName: "Turin_1" }, /no name that Kubernetes accepts/],
    ["a token that is none", { token: "a b" }, /no usable token/],
  ])(
    "%s came with the contract: it is told, no manifest is made, and what the provider corrects is taken",
    async (_, lie, reason) => {
      pair.contracts = [await pair.brought(1, lie)];
      pair.told = { endpoint: null, token: null };
      expect(await pair.look("CUSTOMER")).toMatchObject({ phase: "FAILED", message: expect.stringMatching(reason) });
      expect(await pair.byHand("CUSTOMER")).toEqual({ manifests: null, asked: [] });
      pair.told = { endpoint: ENDPOINT, token: TOKEN };
      expect(await pair.look("CUSTOMER")).toMatchObject({ phase: "WAITING" });
      expect(await pair.token()).toBe(TOKEN);
    },
  );

  it("of a contract that has ended is asked for anew under the next", async () => {
    await pair.look("CUSTOMER");
    await pair.tell("CUSTOMER", "applied");
    pair.contracts = [pair.contract(2)];
    pair.told = { endpoint: ENDPOINT, token: OTHER_TOKEN };
    expect(await pair.look("CUSTOMER")).toMatchObject({ phase: "WAITING" });
    expect(await pair.token()).toBe(OTHER_TOKEN);
  });

  it("of the newest contract goes before older ones", async () => {
    pair.contracts = [await pair.brought(1), await pair.brought(2, { token: OTHER_TOKEN })];
    await pair.look("CUSTOMER");
    expect(await pair.token()).toBe(OTHER_TOKEN);
  });

  it("that Liqo refuses is asked for anew when the admin says so, and stays until there is another", async () => {
    pair.contracts = [await pair.brought(1)];
    await pair.look("CUSTOMER");
    await pair.tell("CUSTOMER", "applied");
    await pair.tell("CUSTOMER", "refused");
    pair.told = { endpoint: null, token: null };
    expect(await pair.look("CUSTOMER")).toMatchObject({
      phase: "WAITING",
      message: expect.stringMatching(/is asked for the token/),
    });
    expect(await pair.token()).toBe(TOKEN);
    pair.told = { endpoint: ENDPOINT, token: OTHER_TOKEN };
    expect(await pair.look("CUSTOMER")).toMatchObject({
      phase: "WAITING",
      message: expect.stringMatching(/manifests are ready/),
    });
    expect(await pair.token()).toBe(OTHER_TOKEN);
  });
});

it("answers to what is not asked, and messages of another generation, are refused", async () => {
  await pair.look("CUSTOMER");
  for (const [side, name] of [
    ["CUSTOMER", "signedNonce"],
    ["CUSTOMER", "tenant"],
    ["PROVIDER", "refused"],
  ] as const)
    await expect(pair.tell(side, name), name).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  const [contract] = pair.contracts;
  for (const message of [{ type: "nonce" }, { type: "material", more: 1 }, { type: "status", identityRefused: "yes" }])
    await expect(pair.exchange(contract as Contract, message)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  expect(await pair.exchange(contract as Contract, { type: "ended" })).toEqual({ type: "ended" });
});
