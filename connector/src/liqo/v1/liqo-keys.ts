import { publicKeyOf } from "../csr.js";
import type { KubeApi } from "../kube/kube-api.js";

const KEYS_SECRET = "authentication-keys";

/** The keys with which Liqo here proves who it is, PEM; undefined until Liqo has made them. The private one leaves no process. */
export interface LiqoKeys {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Reads Liqo's keys, by name only. @throws KubeError. */
export async function readLiqoKeys(kube: KubeApi, namespace: string): Promise<LiqoKeys | undefined> {
  const secret = await kube.get({ apiVersion: "v1", kind: "Secret", namespace, name: KEYS_SECRET });
  const encoded = secret?.data?.["privateKey"];
  if (encoded === undefined) return undefined;
  const privateKey = Buffer.from(encoded, "base64").toString();
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}
