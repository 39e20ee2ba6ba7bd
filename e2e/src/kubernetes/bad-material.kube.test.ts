import { generateIdentity, type IdentityKeys } from "@catalog/schema/documents/keys";
import { encryptTo, JWE_TYP } from "@catalog/schema/documents/jwe";
import { signerFrom, TYP } from "@catalog/schema/documents/jws";
import type { PublicJwk } from "@catalog/schema/documents/keys";
import { encryptMaterial } from "@catalog/schema/documents/peering-material";
import { waitFor } from "@catalog/server/testing/wait-for";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buy, contractOf, terminate } from "../federation/operations.js";
import { type Answer, HostileProvider } from "./hostile-provider.js";
import { HostileWorld, SOON } from "./hostile-world.js";
import { type Inventory, leftOver } from "./rig/inventory.js";
import { at, type ObjectRef, secretText, textAt } from "./rig/kube-object.js";
import type { LiqoV0 } from "./stand-in/v0/liqo-v0.js";
import { FOREIGN_CLUSTER, SECRET } from "./stand-in/v0/kinds.js";
import { ToldPeering } from "./told-peering.js";
import { FORBIDDEN, Trap } from "./trap.js";

/** Everything that may be printed: what a shell, a template or YAML would take for more than text. */
const TOKEN = `$(id)\`id\`'"\\{{}}#:&*!|>%@,?[]~${"t".repeat(64)}`;
const SECOND_TOKEN = `second-${"u".repeat(64)}`;
const PLACE = { namespace: "liqo", name: "remote-token-verona" };
const TOKEN_SECRET: ObjectRef = { ...SECRET, ...PLACE };
/** Nobody answers there, which Liqo finds out by itself. */
const HONEST = {
  clusterID: "verona",
  clusterName: "verona",
  endpoint: "https://127.0.0.1:9",
  token: TOKEN as string | null,
};
type Parameters = Readonly<Record<string, unknown>>;

let world: HostileWorld<LiqoV0>;
let verona: HostileProvider;
let told: ToldPeering;
/** What stands there before the provider has told anything that can be used. */
let before: Inventory;
let trap: Trap;
let stranger: IdentityKeys;
/** The customer's encryption key, and its fingerprint. */
let rome: { readonly key: PublicJwk; readonly fingerprint: string };

beforeAll(async () => {
  trap = await Trap.set();
  stranger = await generateIdentity();
  world = await HostileWorld.startV0({ PEERING_LOOK: "1s", DENY_CIDRS: FORBIDDEN });
  const { keys, iss } = await world.descriptor();
  rome = { key: keys.enc, fingerprint: iss };
  verona = new HostileProvider(await world.seller("verona"));
  told = await bought();
  await waitFor(() => verona.heard("material") > 0, { ...SOON, what: "it asks for the material" });
  before = await world.inventory();
});
afterAll(async () => {
  await world?.stop();
  await verona?.seller.close();
  await trap?.close();
});

async function bought(): Promise<ToldPeering> {
  const { contractID } = await buy(world.rome.api, { clusterID: "verona", offerID: "wares", planID: "one" });
  await waitFor(async () => (await contractOf(world.rome.api, contractID))?.state === "ACTIVE", SOON);
  return new ToldPeering(world.rome.api, verona, contractID);
}

/** Who made the material, for whom and about what; the honest one unless changed. */
interface Making {
  readonly signer?: IdentityKeys;
  readonly recipient?: PublicJwk;
  readonly aud?: string;
  readonly contractID?: string;
}

async function jweOf(parameters: Parameters = {}, making: Making = {}): Promise<string> {
  const signer = await signerFrom(making.signer ?? verona.seller.stranger.keys);
  return encryptMaterial(signer, making.recipient ?? rome.key, {
    contractID: making.contractID ?? told.contractID,
    aud: making.aud ?? rome.fingerprint,
    parameters: { ...HONEST, ...parameters },
  });
}

const reply = (jwe: unknown): Answer => ({ type: "material", jwe });
const material = async (parameters: Parameters = {}, making: Making = {}): Promise<Answer> =>
  reply(await jweOf(parameters, making));

/** A valid JWE under another header. */
async function underHeader(header: object): Promise<Answer> {
  const [, ...rest] = (await jweOf()).split(".");
  return reply([Buffer.from(JSON.stringify(header)).toString("base64url"), ...rest].join("."));
}

/** A JWS of another kind, or anything else, encrypted as material would be. */
async function sealed(text: string, typ: (typeof JWE_TYP)[keyof typeof JWE_TYP] = JWE_TYP.peering): Promise<Answer> {
  return reply(await encryptTo(rome.key, typ, new TextEncoder().encode(text)));
}

async function signed(typ: (typeof TYP)[keyof typeof TYP], changes: object = {}): Promise<string> {
  const signer = await signerFrom(verona.seller.stranger.keys);
  const { contractID } = told;
  return signer.sign(typ, {
    iss: signer.fingerprint,
    aud: rome.fingerprint,
    contractID,
    parameters: HONEST,
    ...changes,
  });
}

/** Shows that answers are each told as what they are, that nothing is written because of them, and that the Connector goes on. */
async function unmoved(lies: readonly (readonly [string, Answer, RegExp])[]): Promise<void> {
  const { pid } = world.rome.process;
  for (const [what, answer, reason] of lies) {
    verona.answers = { material: answer };
    await told.expectTold("material", what, reason);
  }
  verona.answers = {};
  // Turns follow one another: what the last lie could have caused is there by then.
  await told.expectTold("material", "nothing any more", /holds no peering material/);
  const now = await world.inventory();
  expect([leftOver(before, now), leftOver(now, before)]).toEqual([[], []]);
  expect(world.rome.process.pid).toBe(pid);
  expect((await contractOf(world.rome.api, told.contractID))?.state).toBe("ACTIVE");
  expect(trap.calls).toBe(0);
}

test("material that is none, too large, for another key or under another header is told, and nothing comes of it", async () => {
  const none = /answer holds no peering material/;
  const header = { alg: "ECDH-ES", enc: "A256GCM", typ: JWE_TYP.peering, kid: "x", epk: rome.key };
  const whole = await jweOf();
  const tail = whole.slice(-8);
  await unmoved([
    ["no JWE", { type: "material" }, none],
    ["a number", reply(7), none],
    ["a list", reply([whole]), none],
    ["a JWS", reply(await signed(TYP.peering)), none],
    ["another type", { type: "nonce", nonce: "AAAA" }, none],
    ["too much", reply(`a.b.c.${"d".repeat(16_384)}.e`), none],
    ["garbage", reply("a.b.c.d.e"), /not canonical base64url/],
    ["five short parts", reply("aaaa..aaaa.aaaa.aaaa"), /not a compact JWE of five segments/],
    ["another key", await material({}, { recipient: stranger.encryption.publicJwk }), /encrypted to the key .* not to/],
    ["no key agreement", await underHeader({ ...header, alg: "dir" }), /alg must be ECDH-ES/],
    [
      "a password with a billion rounds",
      await underHeader({ ...header, alg: "PBES2-HS256+A128KW", p2s: "AAAA", p2c: 1_000_000_000 }),
      /header member .*p2[sc].* is not allowed/,
    ],
    ["a bomb", await underHeader({ ...header, zip: "DEF" }), /header member .*zip.* is not allowed/],
    ["keys from elsewhere", await underHeader({ ...header, jku: trap.url }), /header member .*jku.* is not allowed/],
    ["the kind of a join token", await sealed(await signed(TYP.peering), JWE_TYP.joinToken), /typ is .*join-token/],
    [
      "another tag",
      reply(`${whole.slice(0, -8)}${tail === "AAAAAAAA" ? "BBBBBBBB" : "AAAAAAAA"}`),
      /not a compact|cannot be decrypted/,
    ],
    ["no JWS in it", await sealed("hello"), /did not tell how to reach its Liqo/],
    ["another document in it", await sealed(await signed(TYP.activation)), /did not tell how to reach its Liqo/],
  ]);
});

test("material of another signer, for another customer or another contract is told, and nothing comes of it", async () => {
  const other = "0198c0de-0000-7000-8000-000000000002";
  await unmoved([
    ["another signer", await material({}, { signer: stranger }), /iss .*fingerprint of the seller/],
    ["another signer in the seller's name", await sealed(await forged()), /signature|key/],
    ["another customer", await material({}, { aud: stranger.fingerprint }), /aud .*fingerprint of the buyer/],
    ["another contract", await material({}, { contractID: other }), /contractID .*contract's id/],
  ]);
});

/** What a stranger signs in the seller's name. */
async function forged(): Promise<string> {
  const { contractID } = told;
  const iss = verona.seller.stranger.fingerprint;
  const signer = await signerFrom(stranger);
  return signer.sign(TYP.peering, { iss, aud: rome.fingerprint, contractID, parameters: HONEST });
}

test("another cluster's id, and names that Kubernetes does not take, are told and never written", async () => {
  const named = /cluster name .* is no name that Kubernetes accepts/;
  await unmoved([
    [
      "another cluster's id",
      await material({ clusterID: "milan" }),
      /it is of cluster milan, and the contract is with verona/,
    ],
    ["the customer's own id", await material({ clusterID: "rome" }), /it is of cluster rome/],
    ["an id in other letters", await material({ clusterID: "Verona" }), /it is of cluster Verona/],
    ["a path for an id", await material({ clusterID: "../auth-token" }), /clusterID.* must be a cluster id/],
    ["no id", await material({ clusterID: null }), /clusterID.* must be a cluster id/],
    ["capital letters", await material({ clusterName: "Verona" }), named],
    ["an underscore", await material({ clusterName: "verona_1" }), named],
    ["a path", await material({ clusterName: "../../secrets" }), named],
    ["a name with a selector", await material({ clusterName: "verona,liqo.io/x=y" }), named],
    ["too long a name", await material({ clusterName: "v".repeat(254) }), /clusterName/],
    ["lines for a name", await material({ clusterName: "verona\nlabels: {}" }), /clusterName/],
    ["nothing for a name", await material({ clusterName: "" }), /clusterName/],
    ["a list for a name", await material({ clusterName: ["verona"] }), /clusterName/],
    ["no parameters", await sealed(await signed(TYP.peering, { parameters: null })), /parameters/],
  ]);
});

test("a token that is none, and one that a header could not carry, is told without being repeated", async () => {
  const unusable = /holds no usable token/;
  await unmoved([
    ["no token", await material({ token: null }), unusable],
    ["nothing", await material({ token: "" }), /token/],
    ["two words", await material({ token: "one two" }), unusable],
    ["letters of another script", await material({ token: "тoken" }), unusable],
    ["a line break", await material({ token: "one\r\nx-remote-user: admin" }), /token/],
    ["a zero byte", await material({ token: "one\u0000" }), /has a string with U\+0000/],
    ["too long", await material({ token: "t".repeat(8_193) }), /token/],
    ["a number", await material({ token: 7 }), /token/],
    ["an object", await material({ token: { name: "x" } }), /token/],
  ]);
});

test("an address that may not be called, or that a ForeignCluster does not take, is never given to Liqo", async () => {
  const form = /must be an http\(s\) address/;
  const asked: readonly (readonly [string, RegExp])[] = [
    [trap.url, /belongs to this cluster's own network/],
    ["https://169.254.169.254", /link-local and cloud platform/],
    ["https://100.100.100.200", /link-local and cloud platform/],
    ["https://10.0.0.1:6443", /may not be used here: it is a private address/],
    ["https://192.168.1.1", /may not be used here: it is a private address/],
    ["https://0.0.0.0:6443", /is not the public address of a host/],
    ["https://[fd12::1]", /does not accept IPv6/],
    ["https://[::ffff:127.66.0.1]:1", /does not accept IPv6/],
    ["https://localhost:6443", /wants a host whose last part/],
    ["https://liqo.internal", /wants a host whose last part/],
    ["http://127.0.0.1:6443", /does not begin with https/],
    ["https://127.66.1:6443", /the host must be written as/],
    ["https://2134048769:6443", /does not accept it in a ForeignCluster/],
    ["https://127.0.0.1:6443/{x}", /characters that Liqo 0.x does not accept|must be an http/],
    ["https://verona.example/\nspec: {}", /http\(s\) address|characters/],
    ["file:///etc/passwd", form],
    ["https://user:secret@127.0.0.1:6443", form],
    ["https://127.0.0.1:6443?x=y", form],
    ["kubernetes", form],
    [`https://127.0.0.1:6443/${"x".repeat(2_048)}`, form],
  ];
  const lies = asked.map(async ([endpoint, reason]) => [endpoint, await material({ endpoint }), reason] as const);
  await unmoved([
    ...(await Promise.all(lies)),
    ["no address", await material({ endpoint: null }), /names no address of its authentication service/],
    ["a number", await material({ endpoint: 7 }), form],
  ]);
});

const foreignClusters = () => world.cluster.admin.list(FOREIGN_CLUSTER);

test("the truth heals it, and a token of any characters arrives as it is, and nowhere else", async () => {
  verona.answers = { material: await material() };
  await told.wake();
  const secret = await waitFor(() => world.cluster.admin.get(TOKEN_SECRET), { ...SOON, what: "the token" });
  expect(secretText(secret, "token")).toBe(TOKEN);
  const [foreign] = await waitFor(async () => {
    const found = await foreignClusters();
    return found.length > 0 ? found : undefined;
  }, SOON);
  expect(foreign?.metadata.name).toBe("verona");
  expect(textAt(foreign, "spec", "foreignAuthUrl")).toBe(HONEST.endpoint);
  expect(at(foreign, "spec", "clusterIdentity")).toEqual({ clusterID: "verona", clusterName: "verona" });
  expect(leftOver(before, await world.inventory())).toEqual(
    expect.arrayContaining([
      expect.stringContaining("Secret liqo/remote-token-verona"),
      expect.stringContaining("ForeignCluster verona"),
    ]),
  );
});

test("what a contract that has ended brought does not do for the next, and what was right stays", async () => {
  const replayed = verona.answers;
  const first = told;
  const next = await bought();
  await terminate(world.rome.api, first.contractID, "no longer needed");
  told = next;
  const [secret, [foreign]] = [await world.cluster.admin.get(TOKEN_SECRET), await foreignClusters()];
  const lies: readonly Answer[] = [
    replayed["material"] ?? "",
    await material({ clusterID: "milan" }),
    await material({ endpoint: trap.url }),
    await material({ token: SECOND_TOKEN }, { signer: stranger }),
  ];
  for (const lie of lies) {
    verona.answers = { material: lie };
    const heard = verona.heard("material");
    await next.wake();
    await waitFor(() => verona.heard("material") > heard, { ...SOON, what: "it asks again under the next contract" });
  }
  // One more question is asked only when everything before it is done.
  verona.answers = {};
  const heard = verona.heard("material");
  await next.wake();
  await waitFor(() => verona.heard("material") > heard, SOON);
  expect((await world.cluster.admin.get(TOKEN_SECRET))?.["data"]).toEqual(secret?.["data"]);
  const [after] = await foreignClusters();
  expect(at(after, "spec")).toEqual(at(foreign, "spec"));

  verona.answers = { material: await material({ token: SECOND_TOKEN }) };
  await next.wake();
  await waitFor(async () => secretText(await world.cluster.admin.get(TOKEN_SECRET), "token") === SECOND_TOKEN, SOON);
});

test("after the last contract nothing is left, and no token stands in any answer or log", async () => {
  await terminate(world.rome.api, told.contractID, "no longer needed");
  await waitFor(
    async () => {
      const left = leftOver(before, await world.inventory());
      if (left.length > 0) throw new Error(left.join(", "));
      return true;
    },
    { ...SOON, what: "nothing is left" },
  );
  const log = await readFile(world.rome.process.options.logFile, "utf8");
  const shown = `${log}${JSON.stringify(await told.view())}`;
  for (const token of [TOKEN, SECOND_TOKEN, "x-remote-user", "т"]) expect(shown).not.toContain(token);
  expect(shown).not.toMatch(/t{64}|u{64}/);
});
