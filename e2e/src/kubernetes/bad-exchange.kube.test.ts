import { randomInt, randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { EXCHANGE_PEERING } from "@catalog/schema/operations";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ownStockOf } from "../federation/operations.js";
import { Dice, mutateJson, mutateText } from "../fuzz/mutation.js";
import { codeIn, graphqlAnswer, sendPlain } from "../fuzz/plain-http.js";
import { refusalOf } from "../fuzz/machine-line.js";
import { Stranger } from "../fuzz/stranger.js";
import type { HostileCustomer, Reply } from "./hostile-customer.js";
import { liesOf } from "./hostile-introductions.js";
import { HostileWorld, SOON, STOCK } from "./hostile-world.js";
import { leftOver } from "./rig/inventory.js";
import type { KubeClient } from "./rig/kube-client.js";
import { NAMESPACE, SECRET, TENANT } from "./stand-in/v1/kinds.js";

let world: HostileWorld;
let genoa: HostileCustomer;
/** A contract in force of genoa, of which Liqo at the provider has made a nonce. */
let contractID: string;
let nonce: string;

beforeAll(async () => {
  world = await HostileWorld.start();
  genoa = await world.customer("genoa");
  contractID = await genoa.buy();
  nonce = await genoa.nonce(contractID);
});
afterAll(() => world?.stop());

const admin = (): KubeClient => world.cluster.admin;
const stock = (): Promise<number | undefined> => ownStockOf(world.rome.api, "general", "small");
const tenants = async (): Promise<readonly (string | undefined)[]> =>
  (await admin().list(TENANT)).map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);

/** Shows that an attack writes nothing into the cluster and leaves the Connector running. */
async function unmoved(attack: () => Promise<void>): Promise<void> {
  const { pid } = world.rome.process;
  const [before, there] = [await world.inventory(), await tenants()];
  await attack();
  const after = await world.inventory();
  expect(leftOver(before, after)).toEqual([]);
  expect(leftOver(after, before)).toEqual([]);
  expect(await tenants()).toEqual(there);
  expect(world.rome.process.pid).toBe(pid);
}

/** Ends a contract and waits until nothing is left of its customer. */
async function left(customer: HostileCustomer, id: string): Promise<void> {
  await customer.end(id);
  await waitFor(async () => (await admin().get({ ...NAMESPACE, name: customer.namespace })) === undefined, SOON);
}

/** A refusal is an answer or an error; both say why. */
async function answerTo(message: unknown, customer = genoa, about = contractID): Promise<string> {
  try {
    const reply = await customer.exchange(about, message);
    return `${reply.type}: ${JSON.stringify(reply["message"] ?? "")}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test("a customer that lies about any part of itself gets no Tenant and is told why", async () => {
  const honest = await genoa.introduction(nonce);
  await unmoved(async () => {
    for (const [what, lie, reason] of await liesOf(genoa, nonce)) {
      const answer = await answerTo({ ...honest, ...lie });
      expect(answer, what).toMatch(/^(refused|BAD_USER_INPUT): /);
      expect(answer, what).toMatch(reason);
    }
  });
});

test("messages that are none, too large, too deep, too early, or meant for another Liqo are refused", async () => {
  const honest = await genoa.introduction(nonce);
  const deep = `{"type":"nonce","x":${"[".repeat(16_000)}${"]".repeat(16_000)}}`;
  const cidr = { pod: ["10.9.0.0/16"], external: ["10.10.0.0/16"] };
  await unmoved(async () => {
    for (const text of [
      "",
      "nonce",
      "null",
      "[]",
      "7",
      '{"type":7}',
      '{"type":null}',
      "{",
      deep,
      `"${"x".repeat(99)}"`,
    ])
      expect(await refusalOf(genoa.exchangeText(contractID, text)), text.slice(0, 40)).toBe("BAD_USER_INPUT");
    const large = JSON.stringify({ ...honest, csr: "x".repeat(32_768) });
    expect(await refusalOf(genoa.exchangeText(contractID, large))).toBe("BAD_USER_INPUT");
    const messages: readonly object[] = [
      { type: "material" },
      { type: "__proto__" },
      { type: "nonce", clusterID: "milan" },
      { ...honest, clusterID: "milan" },
      { ...honest, csr: ["x"] },
      { ...honest, csr: "x".repeat(5_000) },
      { ...honest, signature: `${honest.signature}\n` },
      { type: "network", cidr: { ...cidr, pod: ["0.0.0.0/0"] }, publicKey: null },
      { type: "network", cidr: { ...cidr, pod: ["169.254.0.0/16"] }, publicKey: null },
      { type: "network", cidr: { pod: Array(17).fill("10.9.0.0/16"), external: [] }, publicKey: null },
      { type: "network", cidr, publicKey: "AAAA" },
    ];
    for (const message of messages)
      expect(await refusalOf(genoa.exchange(contractID, message)), JSON.stringify(message).slice(0, 60)).toBe(
        "BAD_USER_INPUT",
      );
    expect(await answerTo({ type: "network", cidr, publicKey: null }), "before it is let in").toMatch(/^pending: /);
    expect(await answerTo({ type: "status" })).toMatch(/^status: /);
  });
});

test("somebody else's contract, an id that was never sold, and a message sent again", async () => {
  const lucca = await world.customer("lucca");
  await unmoved(async () => {
    for (const id of [contractID, randomUUID(), "", "../genoa"])
      expect(await refusalOf(lucca.exchange(id, { type: "nonce" })), id).toMatch(/UNKNOWN_CONTRACT|BAD_USER_INPUT/);
    const { line } = genoa.buyer;
    const body = JSON.stringify({
      query: EXCHANGE_PEERING,
      variables: { contractID, message: JSON.stringify({ type: "nonce" }) },
    });
    const headers = line.headers(body);
    expect(codeIn(await sendPlain(line.url, { body, headers }))).toBe("none");
    expect(codeIn(await sendPlain(line.url, { body, headers }))).toBe("PROOF_REPLAYED");
    const other = body.replace("nonce", "ended");
    expect(codeIn(await sendPlain(line.url, { body: other, headers: line.headers(body) }))).toBe("PROOF_BODY_MISMATCH");
  });
});

test("a cluster id that another key holds, or that Kubernetes does not take, gets nothing", async () => {
  const second = await Stranger.named("genoa", "genoa");
  expect(await refusalOf(world.join(second))).toBe("CLUSTER_ID_TAKEN");
  const pisa = await world.customer("pisa");
  expect(await refusalOf(pisa.buy(1, { clusterID: "genoa" }))).toBe("NOT_A_MEMBER");

  const before = await stock();
  for (const clusterID of ["Siena_1.x", `a${"b".repeat(70)}`, "kube.system"]) {
    const siena = await world.customer(clusterID);
    const sold = await siena.buy().catch((error: Error) => error);
    if (sold instanceof Error) {
      expect(sold.message).toMatch(/cluster id|cannot be used/i);
      continue;
    }
    await unmoved(async () => {
      for (const type of ["nonce", "status"])
        expect(await answerTo({ type }, siena, sold), clusterID).toMatch(/cannot be used with Liqo 1\.x/);
    });
    await siena.end(sold);
  }
  await waitFor(async () => (await stock()) === before, { ...SOON, what: "their units come back" });
});

test("a contract that names no key, or one that is none, lets nobody in", async () => {
  const rsa = "-----BEGIN PUBLIC KEY-----\nMIGf\n-----END PUBLIC KEY-----\n";
  const keys = { turin: null, trento: "no key", trieste: rsa };
  const attempts = Object.entries(keys).map(async ([clusterID, publicKey]) => {
    const customer = await world.customer(clusterID);
    const sold = await customer.buy(1, { publicKey }).catch((error: Error) => error);
    if (sold instanceof Error) return expect(sold.message, clusterID).toMatch(/key/);
    const introduction = await customer.introduction(await customer.nonce(sold));
    const answer = await answerTo({ ...introduction, ...(publicKey === null ? {} : { publicKey }) }, customer, sold);
    expect(answer, clusterID).toMatch(/^refused: .*(names no key|key is not the one)/);
    await left(customer, sold);
  });
  await Promise.all(attempts);
  expect((await tenants()).filter((name) => name?.startsWith("t"))).toEqual([]);
});

test("hundreds of spoilt messages: an answer to each, and nothing written", { timeout: 180_000 }, async () => {
  const seed = Number(process.env["SEED"] ?? randomInt(2 ** 31));
  process.stdout.write(`spoilt messages: SEED=${seed}\n`);
  const dice = new Dice(seed);
  const attackers = await Promise.all(
    ["bari", "como", "lodi", "nuoro", "asti", "enna"].map(async (clusterID) => {
      const customer = await world.customer(clusterID);
      const id = await customer.buy();
      return { customer, id, introduction: await customer.introduction(await customer.nonce(id)) };
    }),
  );
  const codes = new Map<string, number>();
  await unmoved(async () => {
    for (const { customer, id, introduction } of attackers) {
      const network = { type: "network", cidr: { pod: ["10.9.0.0/16"], external: [] }, publicKey: null };
      const messages = [introduction, introduction, network, { type: "status" }, { type: "nonce" }];
      for (let n = 0; n < 50; n++) {
        const message = spoilt(dice, dice.of(messages), introduction);
        const { line } = customer.buyer;
        const body = JSON.stringify({ query: EXCHANGE_PEERING, variables: { contractID: id, message } });
        const { data, errors } = graphqlAnswer(await line.send(body));
        const text = data?.["exchangePeering"];
        const outcome = typeof text === "string" ? (JSON.parse(text) as Reply).type : errors?.[0]?.extensions?.code;
        expect(outcome, message).not.toBe("identity");
        codes.set(outcome ?? "", (codes.get(outcome ?? "") ?? 0) + 1);
      }
    }
  });
  expect([...codes.keys()]).toEqual(expect.arrayContaining(["BAD_USER_INPUT", "refused"]));
  expect([...codes.values()].reduce((sum, count) => sum + count, 0)).toBe(300);
  await Promise.all(attackers.map(({ customer, id }) => left(customer, id)));
});

test("a flood of one customer is slowed down, and makes one namespace and one Secret", async () => {
  const text = JSON.stringify({ type: "nonce" });
  await Promise.all(Array.from({ length: 50 }, () => refusalOf(genoa.exchangeText(contractID, text))));
  const nonces = await admin().list(SECRET, { namespace: genoa.namespace });
  expect(nonces.filter(({ metadata }) => metadata.name?.includes("nonce"))).toHaveLength(1);
  const flood = Array.from({ length: 500 }, () => refusalOf(genoa.exchangeText(randomUUID(), text)));
  expect(await Promise.all(flood)).toContain("RATE_LIMITED");
  await waitFor(async () => (await refusalOf(genoa.exchange(contractID, { type: "status" }))) === "none", SOON);
});

test("the truth lets it in once; another key, another nonce and an ended contract do not", async () => {
  const peer = await waitFor(() => genoa.logIn(contractID), SOON);
  peer.close();
  const introduction = await genoa.introduction(nonce);
  const first = await genoa.exchange(contractID, introduction);
  expect(first.type).toBe("identity");
  await unmoved(async () => {
    expect(await genoa.exchange(contractID, introduction)).toEqual(first);
    for (const [what, lie] of await liesOf(genoa, nonce))
      expect(await answerTo({ ...introduction, ...lie }), what).not.toMatch(/^(identity|pending)/);
    expect(await genoa.exchange(contractID, introduction)).toEqual(first);
  });

  const second = await genoa.buy(2);
  await genoa.end(contractID);
  expect(await refusalOf(genoa.exchange(contractID, introduction))).toBe("CONTRACT_STATE_INVALID");
  expect((await genoa.exchange(second, introduction)).type, "its other contract goes on").toBe("identity");
  await left(genoa, second);
  await unmoved(async () => {
    for (const id of [contractID, second])
      for (const message of [introduction, { type: "nonce" }])
        expect(await refusalOf(genoa.exchange(id, message))).toBe("CONTRACT_STATE_INVALID");
  });
  await waitFor(async () => (await stock()) === STOCK, { ...SOON, what: "every unit comes back" });
});

/** The message with something wrong in its members, in one of its texts, or in the text of the whole. */
function spoilt(dice: Dice, message: object, truth: object): string {
  for (;;) {
    const text = spoiltOnce(dice, message);
    if (!saysTheSame(text, truth)) return text;
  }
}

function spoiltOnce(dice: Dice, message: object): string {
  if (dice.chance(0.2)) return mutateText(dice, JSON.stringify(message));
  if (dice.chance(0.6)) return JSON.stringify(mutateJson(dice, message)) ?? "";
  const [name, value] = dice.of(Object.entries(message as Readonly<Record<string, unknown>>));
  return JSON.stringify({ ...message, [name]: mutateText(dice, String(value)) });
}

/** Whether a text is still the truth: a line feed at the end of a PEM makes no difference. */
function saysTheSame(text: string, truth: object): boolean {
  try {
    const trimmed = (_: string, value: unknown): unknown => (typeof value === "string" ? value.trimEnd() : value);
    return isDeepStrictEqual(JSON.parse(text, trimmed), JSON.parse(JSON.stringify(truth), trimmed));
  } catch {
    return false;
  }
}
