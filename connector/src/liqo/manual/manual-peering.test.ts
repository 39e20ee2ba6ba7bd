import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import type { Contract } from "../../domain/contract.js";
import type {
  PeeringExchange,
  PeeringMessage,
  PeeringSide,
  PeeringTask,
} from "../../services/peerings/peering-ports.js";
import { makeCsr, publicKeyOf } from "../csr.js";
import { resourcesOf } from "../v1/testing/played-peering.js";
import { certificateFor } from "../v1/testing/played-certificate.js";
import { ManualPeering } from "./manual-peering.js";
import { generationOf, type ManualSettings } from "./manual-settings.js";

const NONCE = Buffer.alloc(64, 7).toString("base64");
const PRIVATE = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const PUBLIC = publicKeyOf(PRIVATE);
const STRANGER = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();

function settings(clusterID: string, change: Partial<ManualSettings> = {}): ManualSettings {
  return {
    cluster: { clusterID, clusterName: clusterID, endpoint: null, token: null, liqoVersion: "1.2.0" },
    identity: { signer: undefined as never },
    liqoNamespace: "liqo",
    className: "catalog",
    resourcesOf,
    checkAddress: async () => undefined,
    material: () => Promise.reject(new Error("not asked for")),
    ...change,
  };
}

const party = (id: string, publicKey?: string) => ({
  fingerprint: `fp-${id}`,
  clusterID: id,
  clusterName: id,
  liqo: { mode: "manual", version: "1.2.0", ...(publicKey === undefined ? {} : { publicKey }) },
});

/** Two Connectors by hand, of which paris buys from turin. */
class Pair {
  contracts: readonly Contract[] = [this.contract("2 x")];
  customer = new ManualPeering(settings("paris"));
  readonly provider = new ManualPeering(settings("turin"));
  readonly states: Record<PeeringSide, unknown> = { CUSTOMER: null, PROVIDER: null };
  wanted = true;

  contract(contractID: string): Contract {
    const documents = { peering: null };
    return { contractID, activatedAt: 0, buyer: party("paris", PUBLIC), seller: party("turin"), documents } as never;
  }

  task(side: PeeringSide): PeeringTask {
    const peer = side === "CUSTOMER" ? party("turin") : party("paris", PUBLIC);
    const state = JSON.parse(JSON.stringify(this.states[side] ?? null)) as unknown;
    const common = { side, peer, state, network: false, isAllowed: false, isOtherUp: false, wanted: this.wanted };
    return { ...common, contracts: this.wanted ? this.contracts : [], ending: [] };
  }

  exchange: PeeringExchange = async (contract, message) => {
    const { reply, state } = await this.provider.answer(contract, message, this.states.PROVIDER);
    this.states.PROVIDER = state;
    return JSON.parse(JSON.stringify(reply)) as PeeringMessage;
  };

  async look(side: PeeringSide) {
    const report = await this.driver(side).reconcile(this.task(side), this.exchange);
    this.states[side] = report.state;
    return report;
  }

  async tell(side: PeeringSide, answers: Readonly<Record<string, string>>): Promise<void> {
    const given = Object.entries(answers).map(([name, value]) => ({ name, value }));
    this.states[side] = await this.driver(side).accept(this.task(side), given);
  }

  async asked(side: PeeringSide): Promise<readonly string[]> {
    return (await this.driver(side).byHand(this.task(side))).questions.map(({ name }) => name);
  }

  async objects(side: PeeringSide): Promise<Record<string, never>[]> {
    const { manifests } = await this.driver(side).byHand(this.task(side));
    return parseAllDocuments(manifests ?? "").flatMap((document) => (document.toJS() as never) ?? []);
  }

  private driver(side: PeeringSide): ManualPeering {
    return side === "CUSTOMER" ? this.customer : this.provider;
  }
}

const signedCertificate = (commonName: string, key: string): string =>
  Buffer.from(certificateFor(publicKeyOf(key), commonName)).toString("base64");

const signed = (text: string, key = PRIVATE) => sign(null, Buffer.from(text), key).toString("base64");

/** The Tenant of the manifests, as Liqo fills it. */
async function letIn(pair: Pair, change: object = {}): Promise<string> {
  const tenant = (await pair.objects("PROVIDER")).find(({ kind }) => kind === ("Tenant" as never));
  const authParams = {
    apiServer: "https://turin.example",
    ca: Buffer.from("-----BEGIN CERTIFICATE-----\nY2E=\n-----END CERTIFICATE-----\n").toString("base64"),
    signedCRT: signedCertificate("paris", PRIVATE),
    ...change,
  };
  return stringify({ ...tenant, status: { tenantNamespace: "liqo-tenant-paris", authParams } });
}

async function introduced(pair: Pair): Promise<void> {
  await pair.look("PROVIDER");
  await pair.tell("PROVIDER", { nonce: NONCE });
  await pair.look("CUSTOMER");
  await pair.tell("CUSTOMER", { signedNonce: signed(NONCE), csr: await makeCsr(PRIVATE, "paris") });
  await pair.look("CUSTOMER");
}

describe("by hand on both sides", () => {
  it("each side is given its manifests and its questions, in turn, until it stands", async () => {
    const pair = new Pair();
    expect(await pair.look("CUSTOMER")).toMatchObject({ phase: "WAITING" });
    expect((await pair.objects("PROVIDER")).map(({ kind }) => kind)).toEqual(["Namespace", "Secret"]);
    expect(await pair.asked("PROVIDER")).toEqual(["nonce"]);
    await pair.tell("PROVIDER", { nonce: NONCE });
    await pair.look("CUSTOMER");
    const [, secret] = await pair.objects("CUSTOMER");
    expect(secret).toMatchObject({ metadata: { name: "liqo-signed-nonce" }, stringData: { nonce: NONCE } });
    expect(await pair.asked("CUSTOMER")).toEqual(["signedNonce", "csr"]);
    await pair.tell("CUSTOMER", { signedNonce: signed(NONCE) });
    expect((await pair.objects("PROVIDER")).map(({ kind }) => kind)).not.toContain("Tenant");
    await pair.tell("CUSTOMER", { csr: await makeCsr(PRIVATE, "paris") });
    await pair.look("CUSTOMER");
    expect(await pair.look("PROVIDER")).toMatchObject({ phase: "WAITING" });
    expect((await pair.objects("PROVIDER")).map(({ kind }) => kind)).toEqual(["Namespace", "Secret", "Tenant"]);
    await pair.tell("PROVIDER", { tenant: await letIn(pair) });
    await pair.look("CUSTOMER");
    expect((await pair.objects("CUSTOMER")).slice(2)).toMatchObject([
      { kind: "Identity", spec: { clusterID: "turin", namespace: "liqo-tenant-paris" } },
      { kind: "ResourceSlice", spec: { class: "catalog", resources: { cpu: "2" } } },
    ]);
    await pair.tell("CUSTOMER", { applied: "yes" });
    expect(await pair.look("CUSTOMER")).toMatchObject({ phase: "ESTABLISHED" });
    const { questions } = await pair.provider.byHand(pair.task("PROVIDER"));
    expect(questions[0]?.command).toContain('"path":"/status/resources","value":{"cpu":"2"');
    expect(questions[0]?.command).toContain("/status/conditions/-");
    await pair.tell("PROVIDER", { granted: "yes" });
    expect(await pair.look("PROVIDER")).toMatchObject({ phase: "ESTABLISHED" });

    pair.contracts = [...pair.contracts, pair.contract("1 y")];
    expect(await pair.look("CUSTOMER")).toMatchObject({ phase: "WAITING" });
    const [again] = (await pair.provider.byHand(pair.task("PROVIDER"))).questions;
    expect(again?.command).toContain('"cpu":"3"');
    expect(again?.command).not.toContain("/status/conditions/-");
    pair.wanted = false;
    const down = [await pair.look("CUSTOMER"), await pair.look("PROVIDER")];
    expect(down.map(({ phase, state }) => [phase, state])).toEqual([
      ["GONE", null],
      ["GONE", null],
    ]);
    expect(down[1]?.whatToDo).toContain('"tenantCondition":"Drained"');
  });

  it("begins anew when the provider has made another nonce, or has lost the customer", async () => {
    const pair = new Pair();
    await introduced(pair);
    await pair.tell("PROVIDER", { tenant: await letIn(pair) });
    await pair.look("CUSTOMER");
    await pair.tell("CUSTOMER", { applied: "yes" });
    pair.states.PROVIDER = null;
    await pair.tell("PROVIDER", { nonce: Buffer.alloc(64, 8).toString("base64") });
    expect(await pair.look("CUSTOMER")).toMatchObject({ phase: "WAITING" });
    expect(await pair.asked("CUSTOMER")).toEqual(["signedNonce", "csr"]);
  });
});

describe("what is brought back", () => {
  it("is refused from the customer's admin unless Liqo here has made it", async () => {
    const pair = new Pair();
    await pair.tell("PROVIDER", { nonce: NONCE });
    await pair.look("CUSTOMER");
    const csr = await makeCsr(PRIVATE, "paris");
    const bad = [
      { signedNonce: "no base64!" },
      { signedNonce: signed("another nonce"), csr },
      { signedNonce: signed(NONCE, STRANGER), csr },
      { signedNonce: signed(NONCE), csr: await makeCsr(STRANGER, "paris") },
      { signedNonce: signed(NONCE), csr: await makeCsr(PRIVATE, "milan") },
      { signedNonce: "kind: Secret\ndata: &a {signedNonce: *a}" },
      { applied: "yes" },
      { nonce: NONCE },
    ];
    for (const answers of bad)
      await expect(pair.tell("CUSTOMER", answers as never), JSON.stringify(answers)).rejects.toMatchObject({
        code: "BAD_USER_INPUT",
      });
    const secret = stringify({ apiVersion: "v1", kind: "Secret", data: { signedNonce: signed(NONCE) } });
    await pair.tell("CUSTOMER", { signedNonce: secret, csr });
    expect(await pair.asked("CUSTOMER")).toEqual([]);
  });

  it("is refused from the provider's admin unless it is this customer's Tenant with this customer's certificate", async () => {
    const pair = new Pair();
    await pair.look("PROVIDER");
    for (const nonce of ["", "short", "kind: Secret\ndata: {}", "kind: Tenant"])
      await expect(pair.tell("PROVIDER", { nonce })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    await introduced(pair);
    const good = await letIn(pair);
    const bad = [
      "kind: Secret",
      "[",
      good.replace("clusterID: paris", "clusterID: milan"),
      good.replace(/signature: .*/, "signature: eA=="),
      await letIn(pair, { signedCRT: undefined }),
      await letIn(pair, { signedCRT: signedCertificate("paris", STRANGER) }),
      await letIn(pair, { signedCRT: signedCertificate("milan", PRIVATE) }),
      await letIn(pair, { signedCRT: "eA==" }),
      await letIn(pair, { awsConfig: { accessKeyID: "secret" }, apiServer: 7 }),
    ];
    for (const tenant of bad)
      await expect(pair.tell("PROVIDER", { tenant }), tenant.slice(0, 60)).rejects.toMatchObject({
        code: "BAD_USER_INPUT",
      });
    await pair.tell("PROVIDER", { tenant: good });
    expect(await pair.asked("PROVIDER")).toEqual(["granted"]);
  });
});

describe("a message of the other Connector", () => {
  it("makes no manifest before its sender is proven", async () => {
    const pair = new Pair();
    await pair.tell("PROVIDER", { nonce: NONCE });
    const [contract] = pair.contracts;
    const good = { publicKey: PUBLIC, csr: await makeCsr(PRIVATE, "paris"), signature: signed(NONCE) };
    const lies = [
      { ...good, publicKey: publicKeyOf(STRANGER) },
      { ...good, csr: await makeCsr(STRANGER, "paris") },
      { ...good, csr: await makeCsr(PRIVATE, "milan") },
      { ...good, signature: signed("x") },
    ];
    for (const lie of lies)
      expect(await pair.exchange(contract as Contract, { type: "tenant", ...lie })).toMatchObject({ type: "refused" });
    expect((await pair.objects("PROVIDER")).map(({ kind }) => kind)).not.toContain("Tenant");
    for (const message of [{ type: "material" }, { type: "nonce", more: 1 }, { type: "tenant" }])
      await expect(pair.exchange(contract as Contract, message)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    expect(await pair.exchange(contract as Contract, { type: "tenant", ...good })).toMatchObject({ type: "pending" });
  });

  it("is not written down where it names an address that may not be called, or another's certificate", async () => {
    for (const isAddressBad of [true, false]) {
      const pair = new Pair();
      await introduced(pair);
      await pair.tell("PROVIDER", { tenant: await letIn(pair) });
      const { InputInvalidError } = await import("@catalog/schema/problem");
      const checkAddress = async () => {
        if (isAddressBad) throw new InputInvalidError([{ path: "apiServer", message: "is private." }]);
      };
      pair.customer = new ManualPeering(settings("paris", { checkAddress }));
      if (!isAddressBad) {
        const state = pair.states.PROVIDER as { identity: { authParams: object } };
        Object.assign(state.identity.authParams, { signedCRT: signedCertificate("milan", PRIVATE) });
      }
      expect((await pair.look("CUSTOMER")).phase).toBe("WAITING");
      expect((await pair.objects("CUSTOMER")).map(({ kind }) => kind)).not.toContain("Identity");
    }
  });
});

it("goes by the version of the own Liqo, then by the peer's, then by how that is driven", () => {
  const peer = (mode: string, version: string | null) => ({ peer: { ...party("x"), liqo: { mode, version } } });
  expect(generationOf(peer("v1", "1.2.0"), "0.8.1")).toBe("0.x");
  expect(generationOf(peer("manual", "1.0.0"), null)).toBe("1.x");
  expect(generationOf(peer("v1", null), null)).toBe("1.x");
  expect(generationOf(peer("manual", null), null)).toBe("0.x");
});
