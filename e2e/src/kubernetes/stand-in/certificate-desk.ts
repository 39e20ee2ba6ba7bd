import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient } from "../rig/kube-client.js";
import { base64, type KubeObject, refOf, secretText, textAt } from "../rig/kube-object.js";

const CERTIFICATES = "certificates.k8s.io/v1";
const ISSUE_MS = 20_000;

/** The certificate that was made for a peer is not for the signing request it sends now. */
export class RequestMismatchError extends Error {
  override readonly name = "RequestMismatchError";
  constructor() {
    super("the stored and the provided CSR do not match");
  }
}

/**
 * Signs peers' requests through the API of the cluster, once for each Secret: the first request is kept there with its certificate, the same bytes
 * get the same certificate, other bytes nothing, as with Liqo.
 */
export class CertificateDesk {
  constructor(private readonly kube: KubeClient) {}

  /** @throws RequestMismatchError */
  async certificate(secret: { readonly namespace: string; readonly name: string }, request: string): Promise<string> {
    const stored = await this.kube.get({ apiVersion: "v1", kind: "Secret", ...secret });
    const certificate = secretText(stored, "certificate");
    if (certificate !== undefined) {
      if (secretText(stored, "csr") !== request) throw new RequestMismatchError();
      return certificate;
    }
    const issued = await this.#issue(request);
    await this.kube.create({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { ...secret, labels: { "liqo.io/csr": "true" } },
      data: { csr: base64(request), certificate: base64(issued) },
    });
    return issued;
  }

  async #issue(request: string): Promise<string> {
    const made = await this.kube.create({
      apiVersion: CERTIFICATES,
      kind: "CertificateSigningRequest",
      metadata: { generateName: "liqo-identity-" },
      spec: {
        request: base64(request),
        signerName: "kubernetes.io/kube-apiserver-client",
        usages: ["digital signature", "key encipherment", "client auth"],
      },
    });
    const approval: KubeObject = {
      ...made,
      status: {
        conditions: [{ type: "Approved", status: "True", reason: "LiqoApproval", message: "Approved by Liqo" }],
      },
    };
    await this.kube.replacePart(approval, "approval");
    const deadline = performance.now() + ISSUE_MS;
    while (performance.now() < deadline) {
      const certificate = textAt(await this.kube.get(refOf(made)), "status", "certificate");
      if (certificate !== undefined) return Buffer.from(certificate, "base64").toString();
      await sleep(50);
    }
    throw new Error(`${made.metadata.name} was approved and not signed within ${ISSUE_MS} ms`);
  }
}
