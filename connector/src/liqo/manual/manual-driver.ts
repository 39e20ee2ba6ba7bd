import { createHash } from "node:crypto";
import type { ClusterParameters } from "@catalog/schema/catalog";
import type { NodePool } from "../../domain/node-pools.js";
import type { ClusterDriver, ClusterSafety } from "../../services/ports.js";
import { isSameKey } from "../csr.js";

/** What the admin says of Liqo here, where no driver can look. */
export interface ManualCluster extends ClusterParameters {
  /** Version of the Liqo in this cluster; null if there is none or nobody said. */
  readonly liqoVersion: string | null;
  /** Public key of Liqo 1.x here, PEM; null where nobody said. */
  readonly publicKey?: string | null;
}

/** A cluster that is not looked into and not written to: its parameters come from the configuration, and what ends is taken for given back. */
export class ManualDriver implements ClusterDriver {
  readonly mode = "manual";
  readonly releasesAtOnce: boolean = true;

  constructor(private readonly cluster: ManualCluster) {}

  async parameters(): Promise<ClusterParameters> {
    const { liqoVersion: _, publicKey: _key, ...parameters } = this.cluster;
    return parameters;
  }

  liqo(): { readonly mode: string; readonly version: string | null; readonly publicKey?: string } {
    const { liqoVersion: version, publicKey = null } = this.cluster;
    return { mode: this.mode, version, ...(publicKey === null ? {} : { publicKey }) };
  }

  safety(): ClusterSafety {
    return { isSellingAllowed: true, risks: [] };
  }

  async reclaim(): Promise<boolean> {
    return true;
  }

  async existingPeers(): Promise<null> {
    return null;
  }

  async capacity(): Promise<readonly NodePool[] | null> {
    return null;
  }
}

/** The cluster id where the configuration names none: a UUID (version 8, RFC 9562) made from the key fingerprint, the same at every start. */
export function defaultClusterID(fingerprint: string): string {
  const bytes = createHash("sha256").update(`liqo cluster id ${fingerprint}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Liqo's public key as an admin gives it: PEM, or base64 of that. @throws Error if it is no key that Liqo uses. */
export function liqoKeyFrom(text: string): string {
  const pem = text.startsWith("-----") ? text : Buffer.from(text, "base64").toString();
  if (!isSameKey(pem, pem))
    throw new Error("LIQO_PUBLIC_KEY: must be an Ed25519 key or an RSA key of 2048 bits, in PEM");
  return pem;
}
