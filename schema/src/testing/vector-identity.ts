import { formatJoinString } from "../documents/join-string.js";
import { TYP } from "../documents/jws.js";
import { generalJws } from "../documents/general-jws.js";
import { signRotation } from "../documents/rotation.js";
import { signSegments, withSpareBit } from "./forgeries.js";
import type { PartyName } from "./identities.js";
import { brokerDescriptor, clusterDescriptor, NUMBER } from "./samples.js";
import { changes, wrongNumbers, wrongTexts } from "./vector-changes.js";
import type { NewFile, Parties, SignedDescriptors, VectorBuilder, VectorFile } from "./vectors.js";

/** The descriptors of all parties; turin2 and turin3 have one and two rotations behind them. */
export async function signedDescriptors(parties: Parties): Promise<SignedDescriptors> {
  const cluster = (name: PartyName, title: string, rotations: readonly string[] = []): Promise<string> =>
    parties[name].signer.sign(TYP.descriptor, clusterDescriptor(parties[name], title, rotations));
  const [first, second] = await rotationsOf(parties);
  return {
    turin: await cluster("turin", "Turin"),
    turin2: await cluster("turin2", "Turin", [first]),
    turin3: await cluster("turin3", "Turin", [first, second]),
    paris: await cluster("paris", "Paris"),
    mallory: await cluster("mallory", "Mallory"),
    broker: await parties.broker.signer.sign(TYP.descriptor, brokerDescriptor(parties.broker)),
  };
}

export async function base64urlFile(file: NewFile): Promise<VectorFile> {
  const builder = file("Canonical base64url: no padding, no white space, no spare bits.");
  for (const text of ["", "AA", "AAA", "AAAA", "-_8", "_w"]) await builder.accept(`"${text}"`, "base64url", text);
  for (const text of [
    "A",
    "AAAAA",
    "AB",
    "AAB",
    "AA==",
    "AAA=",
    "AA ",
    " AA",
    "A\nAA",
    "+/8",
    "_x",
    "é",
    "AA\u0000A",
  ]) {
    await builder.refuse(JSON.stringify(text), "base64url", text, "DOCUMENT_INVALID");
  }
  return builder.build();
}

export async function joinStringFile(file: NewFile): Promise<VectorFile> {
  const builder = file("What an operator hands to a cluster admin.");
  const { fingerprint } = builder.parties.broker.keys;
  const tokenId = "dG9rZW4x";
  const secret = "c2VjcmV0LW9mLTI1Ni1iaXRzLWZvci10aGUtdGVzdHM";
  const base = { brokerUrl: "https://broker.example.org", fingerprint, tokenId, secret };
  const valid = formatJoinString(base);
  await builder.accept("with a token", "joinString", valid);
  await builder.accept("white space around it", "joinString", `  ${valid}\n`);
  await builder.accept("without a token", "joinString", formatJoinString({ ...base, tokenId: null, secret: null }));
  await builder.accept("pinned", "joinString", formatJoinString({ ...base, kid: fingerprint, spki: fingerprint }));
  await builder.accept(
    "http, port and path",
    "joinString",
    formatJoinString({ ...base, brokerUrl: "http://localhost:8000/a" }),
  );
  const refused = [
    "",
    valid.slice(1),
    valid.replace("catalog-join:", "catalog-join://"),
    valid.replace("https:", "ftp:"),
    valid.replace("https://", "https://user@"),
    valid.replace(".org", ".org?x=1"),
    valid.replace("#", "##"),
    valid.replace("#", ""),
    valid.slice(0, valid.lastIndexOf(".")),
    valid.slice(0, -30),
    `${valid}.more`,
    `${valid}=`,
    `${valid};kid=short`,
    `${valid};other=${fingerprint}`,
    `${valid};kid=${fingerprint};kid=${fingerprint}`,
    `${valid};spki=${withSpareBit(fingerprint)}`,
    valid.replace(fingerprint, withSpareBit(fingerprint)),
    valid.replace(fingerprint, fingerprint.slice(1)),
    valid.replace(tokenId, "id with blanks"),
    `catalog-join:https://broker.example.org/${"a".repeat(3000)}#${fingerprint}`,
  ];
  for (const text of refused) await builder.refuse(text.slice(0, 80), "joinString", text, "JOIN_STRING_INVALID");
  return builder.build();
}

export async function descriptorFile(file: NewFile, signed: SignedDescriptors): Promise<VectorFile> {
  const builder = file("Who a party is. Self-signed; later keys are linked to the first by rotations.");
  const { turin, turin2, turin3, broker, mallory } = builder.parties;
  const payload = clusterDescriptor(turin, "Turin");
  const [first, second] = await rotationsOf(builder.parties);
  const cluster = async (name: string, signer: PartyName, content: object): Promise<string> =>
    builder.sign(name, "descriptor", TYP.descriptor, signer, content);
  await cluster("a cluster", "turin", payload);
  await cluster("a cluster without Liqo address", "paris", clusterDescriptor(builder.parties.paris, "Paris"));
  await cluster("with a pinned certificate and a member from the future", "turin", {
    ...payload,
    tlsSpki: payload.iss,
    future: [1],
  });
  await cluster("after one rotation", "turin2", clusterDescriptor(turin2, "Turin", [first]));
  await cluster("after two rotations", "turin3", clusterDescriptor(turin3, "Turin", [first, second]));
  await builder.sign("a Broker", "brokerDescriptor", TYP.descriptor, "broker", brokerDescriptor(broker));
  await builder.refuse("a Broker's where a cluster's is expected", "descriptor", signed.broker, "DOCUMENT_INVALID");
  await builder.refuse(
    "a cluster's where a Broker's is expected",
    "brokerDescriptor",
    signed.turin,
    "DOCUMENT_INVALID",
  );
  await builder.refuseForgeries("descriptor", TYP.descriptor, "turin", payload);
  const { sig, enc } = payload.keys;
  const wrong = [
    ...wrongTexts("iss", "clusterID", "clusterName", "clusterPrettyName", "clusterContractEndpoint"),
    ...wrongNumbers("seq", "iat", "created"),
    ...changes("iss", [mallory.keys.fingerprint, withSpareBit(payload.iss)]),
    ...changes("seq", [0]),
    ...changes("clusterID", ["two words", "-a", "../a", "a".repeat(254)]),
    ...changes("clusterPrettyName", ["a".repeat(129), "line\nend", "\u202egnal", "  "]),
    ...changes("endpoint", [
      undefined,
      "",
      7,
      "turin.example.org",
      "ftp://turin.example.org",
      "https://user@turin.example.org",
    ]),
    ...changes("clusterContractEndpoint", [
      "https://a.example.org/?q=1",
      "https://a.example.org/#f",
      "https://",
      "https://a b",
      `https://${"a".repeat(2100)}.org`,
    ]),
    ...changes("keys", [
      undefined,
      null,
      [],
      { sig },
      { enc },
      { sig: enc, enc: sig },
      { sig: mallory.keys.signing.publicJwk, enc },
    ]),
    ...changes("keys", [
      { sig: turin.keys.signing.privateJwk, enc },
      { sig: { ...sig, x: withSpareBit(sig.x) }, enc },
      { sig: { ...sig, use: "sig" }, enc },
    ]),
    ...changes("liqo", [
      undefined,
      null,
      {},
      { mode: "manual" },
      { mode: 1, version: null },
      { mode: "manual", version: 1 },
    ]),
    ...changes("brokerName", ["Alpine exchange"]),
    ...changes("tlsSpki", [null, "", "AAAA", 7]),
    ...changes("rotations", [undefined, null, {}, [null], [""], ["{}"], [signed.turin]]),
  ];
  await builder.refuseChanged("descriptor", TYP.descriptor, "turin", payload, wrong, "DOCUMENT_INVALID");
  await builder.refuseChanged(
    "brokerDescriptor",
    TYP.descriptor,
    "broker",
    brokerDescriptor(broker),
    [...wrongTexts("brokerName", "brokerEndpoint"), ...changes("clusterID", ["turin"])],
    "DOCUMENT_INVALID",
  );
  await refuseChains(builder, first, second);
  return builder.build();
}

/** Chains of keys that do not hold, each under a descriptor that is signed by the key they end at. */
async function refuseChains(builder: VectorBuilder, first: string, second: string): Promise<void> {
  const { turin, turin2, turin3, mallory } = builder.parties;
  const payload = clusterDescriptor(turin2, "Turin");
  const link = {
    n: 1,
    prev: turin.keys.signing.publicJwk,
    next: turin2.keys.signing.publicJwk,
    lastNumber: NUMBER + 5,
  };
  const rotate = (change: object): Promise<string> => signRotation(turin.signer, turin2.signer, { ...link, ...change });
  const byOld = await turin.signer.sign(TYP.rotation, link);
  const byNew = await turin2.signer.sign(TYP.rotation, link);
  const byMallory = await mallory.signer.sign(TYP.rotation, link);
  const [header = "", content = ""] = byOld.split(".");
  const forgedOld = await signSegments(mallory, header, content);
  const forgedNew = await signSegments(mallory, byNew.split(".")[0] ?? "", content);
  const oneSignature = JSON.stringify({
    payload: byOld.split(".")[1],
    signatures: [{ protected: byOld.split(".")[0], signature: byOld.split(".")[2] }],
  });
  const chains: readonly (readonly [string, readonly string[]])[] = [
    ["no rotation, but a later key", []],
    ["only the old key signed", [generalJws(byOld, byOld)]],
    ["only the new key signed", [generalJws(byNew, byNew)]],
    ["new key first", [generalJws(byNew, byOld)]],
    ["one signature", [oneSignature]],
    ["a stranger signed under the old key's kid", [generalJws(forgedOld, byNew)]],
    ["a stranger signed under the new key's kid", [generalJws(byOld, forgedNew)]],
    ["a stranger signed for the old key", [generalJws(byMallory, byNew)]],
    ["a stranger signed for the new key", [generalJws(byOld, byMallory)]],
    ["number 2 without a number 1", [await rotate({ n: 2 })]],
    ["number 0", [await rotate({ n: 0 })]],
    ["lastNumber missing", [await rotate({ lastNumber: undefined })]],
    ["lastNumber negative", [await rotate({ lastNumber: -1 })]],
    ["a private key inside", [await rotate({ prev: turin.keys.signing.privateJwk })]],
    [
      "begins with a stranger's key",
      [await signRotation(mallory.signer, turin2.signer, { ...link, prev: mallory.keys.signing.publicJwk })],
    ],
    ["the same twice", [first, first]],
    ["one too many", [first, second]],
    ["white space", [first.replace(",", ", ")]],
    ["a further member", [first.replace("{", '{"extra":1,')]],
    ["a compact JWS", [byOld]],
    ["nine", Array.from({ length: 9 }, () => first)],
  ];
  for (const [name, rotations] of chains) {
    const document = await turin2.signer.sign(TYP.descriptor, { ...payload, rotations });
    await builder.refuse(`rotations: ${name}`, "descriptor", document, "DOCUMENT_INVALID");
  }
  const lower = await signRotation(turin2.signer, turin3.signer, {
    n: 2,
    prev: link.next,
    next: turin3.keys.signing.publicJwk,
    lastNumber: NUMBER,
  });
  const back = await signRotation(turin2.signer, turin.signer, {
    n: 2,
    prev: link.next,
    next: link.prev,
    lastNumber: NUMBER + 9,
  });
  const third = { ...payload, keys: { ...payload.keys, sig: turin3.keys.signing.publicJwk } };
  const falling = await turin3.signer.sign(TYP.descriptor, { ...third, rotations: [first, lower] });
  const returning = await turin.signer.sign(TYP.descriptor, {
    ...payload,
    keys: { ...payload.keys, sig: link.prev },
    rotations: [first, back],
  });
  const superseded = await turin.signer.sign(TYP.descriptor, { ...payload, rotations: [first] });
  await builder.refuse("rotations: lastNumber falls", "descriptor", falling, "DOCUMENT_INVALID");
  await builder.refuse("rotations: back to the first key", "descriptor", returning, "DOCUMENT_INVALID");
  await builder.refuse("signed by a superseded key", "descriptor", superseded, "DOCUMENT_INVALID");
}

async function rotationsOf({ turin, turin2, turin3 }: Parties): Promise<readonly [string, string]> {
  const [one, two, three] = [turin, turin2, turin3].map((party) => party.keys.signing.publicJwk);
  if (one === undefined || two === undefined || three === undefined) throw new Error("a key is missing");
  return [
    await signRotation(turin.signer, turin2.signer, { n: 1, prev: one, next: two, lastNumber: NUMBER + 5 }),
    await signRotation(turin2.signer, turin3.signer, { n: 2, prev: two, next: three, lastNumber: NUMBER + 7 }),
  ];
}
