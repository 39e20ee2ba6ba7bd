import { CatalogError } from "../errors.js";
import { parseCompact, proveParts, TYP, type Signer } from "./jws.js";
import type { PublicJwk } from "./keys.js";
import { Members } from "./members.js";
import { MAX_ROTATIONS, readChain, verifyRotations, type ChainKey } from "./rotation.js";

/** What the descriptor of every party says about its identity. */
export interface IdentityDescriptor {
  /** The party's fingerprint. */
  readonly iss: string;
  readonly seq: number;
  /** Unix seconds. */
  readonly iat: number;
  /** Unix seconds at which the party came into being. */
  readonly created: number;
  readonly keys: { readonly sig: PublicJwk; readonly enc: PublicJwk };
  /** Changes of the signing key, oldest first: General JWS texts, see {@link Rotation}. */
  readonly rotations: readonly string[];
  /** SHA-256 of the SubjectPublicKeyInfo of a self-signed TLS certificate. */
  readonly tlsSpki?: string;
}

/** Which Liqo runs in a cluster. */
export interface LiqoInfo {
  readonly mode: string;
  readonly version: string | null;
}

/** Who a cluster is and how to reach it; signed by itself, sequence number rising. */
export interface Descriptor extends IdentityDescriptor {
  readonly clusterID: string;
  readonly clusterName: string;
  readonly clusterPrettyName: string;
  /** Liqo's authentication address (0.x); null where there is none. */
  readonly endpoint: string | null;
  readonly clusterContractEndpoint: string;
  readonly liqo: LiqoInfo;
}

/** Who a Broker is; signed by itself. */
export interface BrokerDescriptor extends IdentityDescriptor {
  readonly brokerName: string;
  readonly brokerEndpoint: string;
}

/** Compact JWS of a descriptor. */
export function signDescriptor(signer: Signer, descriptor: Descriptor | BrokerDescriptor): Promise<string> {
  return signer.sign(TYP.descriptor, descriptor);
}

/** A cluster's descriptor, proven by the keys that it names itself. Who is pinned to the fingerprint is the caller's affair. */
export async function verifyDescriptor(jws: string): Promise<Descriptor> {
  const { identity, members } = await verifyIdentity(jws);
  if (members.has("brokerName"))
    throw members.refuse("brokerName", "makes it a Broker's descriptor where a cluster's is expected");
  const liqo = members.nested("liqo");
  return {
    ...identity,
    clusterID: members.clusterID("clusterID"),
    clusterName: members.line("clusterName", 253),
    clusterPrettyName: members.line("clusterPrettyName", 128),
    endpoint: members.nullable("endpoint", (name) => members.address(name)),
    clusterContractEndpoint: members.address("clusterContractEndpoint"),
    liqo: { mode: liqo.line("mode", 32), version: liqo.nullable("version", (name) => liqo.line(name, 64)) },
  };
}

/** A Broker's descriptor, proven as {@link verifyDescriptor} does. */
export async function verifyBrokerDescriptor(jws: string): Promise<BrokerDescriptor> {
  const { identity, members } = await verifyIdentity(jws);
  if (members.has("clusterID"))
    throw members.refuse("clusterID", "makes it a cluster's descriptor where a Broker's is expected");
  return {
    ...identity,
    brokerName: members.line("brokerName", 128),
    brokerEndpoint: members.address("brokerEndpoint"),
  };
}

/** Every signing key that a verified descriptor knows, the one in use last. */
export function keyChain(descriptor: IdentityDescriptor): Promise<readonly ChainKey[]> {
  return readChain(descriptor.rotations, descriptor.keys.sig);
}

/**
 * The key `kid` of the identity for a document with that `number` (its `rev` or `seq`). Throws {@link CatalogError}
 * DOCUMENT_INVALID if the identity has no such key or if the key was superseded before that number.
 */
export async function keyFor(descriptor: IdentityDescriptor, kid: string, number: number): Promise<PublicJwk> {
  const key = (await keyChain(descriptor)).find((one) => one.kid === kid);
  if (key === undefined) throw new CatalogError("DOCUMENT_INVALID", `the key ${kid} is not one of ${descriptor.iss}`);
  if (key.lastNumber !== null && number > key.lastNumber) {
    throw new CatalogError(
      "DOCUMENT_INVALID",
      `the key ${kid} was superseded after number ${key.lastNumber}; it cannot sign number ${number}`,
    );
  }
  return key.jwk;
}

async function verifyIdentity(jws: string): Promise<{ identity: IdentityDescriptor; members: Members }> {
  const parts = parseCompact(jws, TYP.descriptor);
  const members = new Members("the descriptor", parts.payload);
  const identity = readIdentity(members);
  const chain = await verifyRotations(identity.iss, identity.rotations, identity.keys.sig);
  const current = chain.at(-1);
  await proveParts(parts, (kid) => (kid === current?.kid ? current.jwk : undefined));
  return { identity, members };
}

function readIdentity(members: Members): IdentityDescriptor {
  const keys = members.nested("keys");
  const tlsSpki = members.optional("tlsSpki", (name) => members.hash(name));
  return {
    iss: members.hash("iss"),
    seq: members.integer("seq", 1),
    iat: members.integer("iat"),
    created: members.integer("created"),
    keys: { sig: keys.publicKey("sig", "Ed25519"), enc: keys.publicKey("enc", "X25519") },
    rotations: readRotations(members),
    ...(tlsSpki === undefined ? {} : { tlsSpki }),
  };
}

function readRotations(members: Members): readonly string[] {
  return members.list("rotations", MAX_ROTATIONS).map((text) => {
    if (typeof text !== "string") throw members.refuse("rotations", "must be a list of General JWS texts");
    return text;
  });
}
