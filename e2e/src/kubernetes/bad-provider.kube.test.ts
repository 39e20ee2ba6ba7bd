import { certificateFor } from "@catalog/connector/liqo/v1/testing/played-certificate";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buy, contractOf } from "../federation/operations.js";
import type { RawAnswer } from "../fuzz/stranger-seller.js";
import { type Answer, HostileProvider } from "./hostile-provider.js";
import { HostileWorld, SOON } from "./hostile-world.js";
import type { Inventory } from "./rig/inventory.js";
import { leftOver } from "./rig/inventory.js";
import { at, base64, type ObjectRef, textAt } from "./rig/kube-object.js";
import { newLiqoKeys } from "./stand-in/liqo-keys.js";
import { IDENTITY, NETWORKING, SECRET, SLICE } from "./stand-in/v1/kinds.js";
import { ToldPeering } from "./told-peering.js";
import { FORBIDDEN, Trap } from "./trap.js";

const NONCE = base64("n".repeat(64));

let world: HostileWorld;
let verona: HostileProvider;
let contractID: string;
let told: ToldPeering;
/** What stands there when an honest provider has said its nonce, and has let nobody in yet. */
let before: Inventory;
let trap: Trap;

beforeAll(async () => {
  trap = await Trap.set();
  world = await HostileWorld.start({ PEERING_LOOK: "1s", DENY_CIDRS: FORBIDDEN });
  verona = new HostileProvider(await world.seller("verona"));
  verona.answers = { nonce: { type: "nonce", nonce: NONCE } };
  contractID = (await buy(world.rome.api, { clusterID: "verona", offerID: "wares", planID: "one" })).contractID;
  told = new ToldPeering(world.rome.api, verona, contractID);
  await waitFor(() => verona.heard("tenant") > 0, { ...SOON, what: "it introduces itself" });
  before = await world.inventory();
});
afterAll(async () => {
  await world?.stop();
  await verona?.seller.close();
  await trap?.close();
});

const ofRome = (): string => world.liqo.installation.keys.publicKey;
const signed = (key = ofRome(), name = "rome"): string => base64(certificateFor(key, name));

/** What an honest provider answers once it has let rome in. */
function identity(changes: Readonly<Record<string, unknown>> = {}, params: Readonly<Record<string, unknown>> = {}) {
  const authParams = { apiServer: world.cluster.url, ca: base64(world.cluster.ca), signedCRT: signed(), ...params };
  return { type: "identity", namespace: "liqo-tenant-rome", authParams, ...changes };
}

/** Shows that answers are each told as what they are, that nothing is written because of them, and that the Connector goes on. */
async function unmoved(type: string, lies: readonly (readonly [string, Answer, RegExp])[]): Promise<void> {
  const { pid } = world.rome.process;
  const nonce: ObjectRef = { ...SECRET, namespace: "liqo-tenant-verona", name: "liqo-signed-nonce" };
  const { metadata } = (await world.cluster.admin.get(nonce)) ?? {};
  const honest = verona.answers;
  try {
    for (const [what, answer, reason] of lies) {
      verona.answers = { ...honest, [type]: answer };
      await told.expectTold(type, what, reason);
    }
  } finally {
    verona.answers = honest;
  }
  // Turns follow one another: what the last lie could have caused is there by then.
  await told.expectTold(type, "an honest answer", /not ready yet: Ask again/);
  expect(await world.cluster.admin.list(IDENTITY)).toEqual([]);
  expect((await world.cluster.admin.get(nonce))?.metadata.resourceVersion).toBe(metadata?.resourceVersion);
  const now = await world.inventory();
  expect([leftOver(before, now), leftOver(now, before)]).toEqual([[], []]);
  expect(world.rome.process.pid).toBe(pid);
  expect((await contractOf(world.rome.api, contractID))?.state).toBe("ACTIVE");
  expect(trap.calls).toBe(0);
}

test("answers that are none, too large, too deep or of another type are told, and nothing comes of them", async () => {
  const understood = (rest: string): RegExp => new RegExp(`answer is not understood: ${rest}`);
  await unmoved("nonce", [
    ["no JSON", "{", /is not JSON/],
    ["nothing", "null", /has no type/],
    ["a list", "[]", /has no type/],
    ["no text for a type", '{"type":7}', /has no type/],
    ["too large", JSON.stringify({ type: "nonce", nonce: "x".repeat(33_000) }), /more than 32768 characters/],
    ["another type", { type: "material", jwe: "a.b.c.d.e" }, understood("type is unknown")],
    ["a type of every object", '{"type":"__proto__"}', understood("type is unknown")],
    ["no nonce", { type: "nonce" }, understood("nonce must be a text")],
    ["an object for a nonce", { type: "nonce", nonce: { length: 4 } }, understood("nonce must be a text")],
    ["deep JSON", `{"type":"nonce","nonce":${"[".repeat(15_000)}${"]".repeat(15_000)}}`, understood("nonce must be")],
    ["a long nonce", { type: "nonce", nonce: "A".repeat(260) }, understood("nonce must be a text of at most 256")],
    ["lines for a nonce", { type: "nonce", nonce: `${NONCE}\nliqo.io/x: "true"` }, understood("nonce must be base64")],
    ["a refusal without a reason", { type: "refused" }, understood("message must be a text")],
    [
      "a long refusal",
      { type: "refused", message: "x".repeat(1_001) },
      understood("message must be a text of at most"),
    ],
    [
      "a refusal that steers a terminal",
      { type: "refused", message: "\u001b[2Jno\r\n\u202Eroom" },
      /The provider refuses: \[2Jno room/,
    ],
    ["an answer to something else", identity(), /not ready yet/],
  ]);
});

test("what is no answer of GraphQL, or leads somewhere else, is told, and nobody is called", async () => {
  const json = { headers: { "content-type": "application/json" } };
  const answers: readonly (readonly [string, RawAnswer, RegExp])[] = [
    ["a page", { body: "<html>nothing here</html>" }, /answered with status 200 and no GraphQL data/],
    ["an error", { status: 500, body: "{}" }, /answered with status 500 and no GraphQL data/],
    ["another place", { status: 302, headers: { location: trap.url }, body: "" }, /answered with status 302/],
    [
      "far too much",
      { body: `{"data":{"exchangePeering":"${"x".repeat(9_000_000)}"}}` },
      /answer is larger than \d+ bytes/,
    ],
    ["a number", { ...json, body: '{"data":{"exchangePeering":7}}' }, /answer about the peering has no type/],
  ];
  try {
    for (const [what, raw, reason] of answers) {
      verona.raw = raw;
      await told.expectTold("raw", what, reason);
    }
  } finally {
    verona.raw = undefined;
  }
  await unmoved("nonce", []);
});

test("an address that may not be called is never given to Liqo, however it is written", async () => {
  const own = /belongs to this cluster's own network/;
  const asked: readonly (readonly [string, RegExp])[] = [
    [trap.url, own],
    ["https://169.254.169.254", /link-local and cloud platform/],
    ["https://[fe80::1]:6443", /link-local and cloud platform/],
    ["https://100.100.100.200", /link-local and cloud platform/],
    ["https://10.0.0.1:6443", /10\.0\.0\.1:6443 may not be used here: it is a private address/],
    ["https://192.168.1.1", /192\.168\.1\.1 may not be used here: it is a private address/],
    ["https://[fd12::1]", /it is a private address/],
    ["https://0.0.0.0:6443", /is not the public address of a host/],
    ["https://[::ffff:127.66.0.1]:1", /hides an IPv4 address|must be written as/],
    ["https://2134048769:6443", /the host must be written as/],
    ["https://127.66.1:6443", /the host must be written as/],
    ["http://10.0.0.2:6443", /10\.0\.0\.2:6443 may not be used here/],
    ["file:///etc/passwd", /only https is called/],
    ["https://user:secret@127.0.0.1:6443", /user name or password/],
    [`${trap.url}?x=https://127.0.0.1`, /no query/],
    ["kubernetes", /it is not a URL/],
    [`https://127.0.0.1:6443/${"x".repeat(2_048)}`, /authParams.apiServer must be a text of at most 2048/],
  ];
  await unmoved("tenant", [
    ...asked.map(([apiServer, reason]) => [apiServer, identity({}, { apiServer }), reason] as const),
    ["a proxy where nobody may call", identity({}, { proxyURL: trap.url }), own],
  ]);
});

test("an identity of another cluster, in no namespace, or with more than belongs to it is not used", async () => {
  const other = newLiqoKeys().publicKey;
  const understood = (rest: string): RegExp => new RegExp(`answer is not understood: ${rest}`);
  const form = understood("namespace has not the form");
  await unmoved("tenant", [
    ["another key's certificate", identity({}, { signedCRT: signed(other) }), /is for the key of another cluster/],
    ["another name's certificate", identity({}, { signedCRT: signed(ofRome(), "milan") }), /names another cluster/],
    ["an admin's certificate", identity({}, { signedCRT: signed(other, "admin") }), /key of another cluster/],
    ["garbage for a certificate", identity({}, { signedCRT: base64("garbage") }), /its certificate cannot be read/],
    ["no base64", identity({}, { signedCRT: "%%%" }), understood("authParams.signedCRT must be base64")],
    ["too much for a certificate", identity({}, { signedCRT: "A".repeat(12_292) }), understood("authParams.signedCRT")],
    ["too much for an authority", identity({}, { ca: "A".repeat(12_292) }), understood("authParams.ca must be")],
    ["garbage for an authority", identity({}, { ca: base64("garbage") }), understood("authParams.ca must be")],
    [
      "a padded authority",
      identity({}, { ca: base64(`${world.cluster.ca}\0\0`) }),
      understood("authParams.ca must be"),
    ],
    ["a list for an authority", identity({}, { ca: ["x"] }), understood("authParams.ca must be")],
    [
      "credentials of a cloud",
      identity({}, { awsConfig: { awsAccessKeyID: "x" } }),
      understood("authParams.awsConfig is not a member"),
    ],
    ["no parameters", identity({ authParams: null }), understood("authParams.message must be an object")],
    ["parameters as text", identity({ authParams: "x" }), understood("authParams.message must be an object")],
    ["no namespace", identity({ namespace: undefined }), understood("namespace must be a text")],
    ["the path of another object", identity({ namespace: "../secrets/auth" }), form],
    ["capital letters", identity({ namespace: "Liqo" }), form],
    ["a name with labels behind it", identity({ namespace: "x\n  labels: {liqo.io/replicated: 'true'}" }), form],
    ["too long a name", identity({ namespace: "a".repeat(64) }), form],
    ["a number for a name", identity({ namespace: 7 }), understood("namespace must be a text")],
    ["a nonce instead", { type: "nonce", nonce: NONCE }, /not ready yet/],
  ]);
});

test("the truth heals it: the identity is given to Liqo and the slice is asked for", async () => {
  const verified = identity();
  verona.answers = { ...verona.answers, tenant: verified };
  await told.wake();
  const ref = { ...IDENTITY, namespace: "liqo-tenant-verona", name: "controlplane-verona" };
  const made = await waitFor(() => world.cluster.admin.get(ref), { ...SOON, what: "the identity" });
  expect(at(made, "spec", "authParams")).toEqual(verified.authParams);
  expect(textAt(made, "spec", "namespace")).toBe("liqo-tenant-rome");
  const slice = { ...SLICE, namespace: "liqo-tenant-verona", name: "catalog-verona" };
  await waitFor(async () => (await world.cluster.admin.get(slice)) !== undefined, { ...SOON, what: "the slice" });
  await waitFor(async () => (await told.view())?.phase !== "FAILED" && (await told.view())?.lastError === null, SOON);
});

test("a status that lies is shown as one short line, and changes nothing", async () => {
  const granted = Object.fromEntries(
    Array.from({ length: 90 }, (_, n) => [`x${n}/${"y".repeat(200)}`, "9".repeat(99)]),
  );
  const text = `<script>\u0007${"a".repeat(900)}`;
  const line = `<script> ${"a".repeat(491)}`;
  const side = { phase: "ESTABLISHED", whatToDo: text, since: 9e15, granted };
  const status = { type: "status", message: text, hasTenant: true, hasNetwork: false, ...side };
  verona.answers = { ...verona.answers, status };
  await told.wakeWanting(false);
  const shown = await waitFor(async () => {
    const found = await told.view();
    return found?.message.includes("It says: <script> aaa") === true ? found : undefined;
  }, SOON);
  expect(shown.phase).toBe("WAITING");
  expect(shown.message.length).toBeLessThan(400);
  const sides = await world.rome.api.request("{ peerings { otherSide { phase message whatToDo since granted } } }");
  const otherSide = { phase: "ESTABLISHED", message: line, whatToDo: line, since: null, granted: {} };
  expect(sides).toEqual({ peerings: [{ otherSide }] });
  expect(JSON.stringify(shown)).not.toContain("\\u0007");
  expect((await contractOf(world.rome.api, contractID))?.state).toBe("ACTIVE");
});

test("a network that would take something of this cluster's away is not made; an honest one is", async () => {
  const kinds = ["Configuration", "GatewayClient", "PublicKey", "GatewayServer"];
  const networks = async (): Promise<readonly string[]> =>
    (await Promise.all(kinds.map((kind) => world.cluster.admin.list({ apiVersion: NETWORKING, kind }))))
      .flat()
      .map(({ kind }) => kind);
  const cidr = { pod: ["10.9.0.0/16"], external: ["10.10.0.0/16"] };
  const endpoint = { addresses: ["127.0.0.1"], port: 51_840, protocol: "UDP" };
  const honest = { type: "network", cidr, endpoint, publicKey: base64(Buffer.alloc(32, 3)) };
  const at127 = { ...endpoint, addresses: ["127.66.0.1"] };
  const lies: readonly (readonly [string, Answer, RegExp])[] = [
    ["every address", { ...honest, cidr: { ...cidr, pod: ["0.0.0.0/0"] } }, /cidr.pod must be address ranges/],
    ["itself", { ...honest, cidr: { ...cidr, external: ["127.0.0.0/16"] } }, /cidr.external must be address ranges/],
    ["its links", { ...honest, cidr: { ...cidr, pod: ["169.254.0.0/16"] } }, /cidr.pod must be address ranges/],
    ["too many", { ...honest, cidr: { ...cidr, pod: Array(17).fill("10.9.0.0/16") } }, /cidr.pod must be a list/],
    ["no ranges", { ...honest, cidr: "10.9.0.0/16" }, /cidr.message must be an object/],
    ["a short key", { ...honest, publicKey: "AAAA" }, /publicKey must be 32 bytes/],
    ["no address", { ...honest, endpoint: { ...endpoint, addresses: [] } }, /endpoint.addresses must be/],
    ["no name", { ...honest, endpoint: { ...endpoint, addresses: ["a b\nc"] } }, /endpoint.addresses must be/],
    ["no port", { ...honest, endpoint: { ...endpoint, port: 0 } }, /endpoint.port must be a port/],
    ["no protocol", { ...honest, endpoint: { ...endpoint, protocol: "ICMP" } }, /must be UDP or TCP/],
    ["where nobody may call", { ...honest, endpoint: at127 }, /belongs to this cluster's own network/],
    [
      "a link-local gateway",
      { ...honest, endpoint: { ...endpoint, addresses: ["127.0.0.1", "169.254.1.1"] } },
      /link-local and cloud platform/,
    ],
  ];
  for (const [what, answer, reason] of lies) {
    verona.answers = { ...verona.answers, network: answer };
    await told.expectTold("network", what, reason, () => told.wakeWanting(true));
  }
  verona.answers = { ...verona.answers, network: { type: "pending", message: "Ask again." } };
  await told.expectTold("network", "no lie any more", /network is not ready: Ask again/, () => told.wakeWanting(true));
  expect(await networks()).toEqual([]);
  expect(trap.calls).toBe(0);
  verona.answers = { ...verona.answers, network: honest };
  await told.wakeWanting(true);
  await waitFor(async () => (await networks()).length === 3, { ...SOON, what: "the honest network" });
  expect([...(await networks())].sort()).toEqual(["Configuration", "GatewayClient", "PublicKey"]);
});
