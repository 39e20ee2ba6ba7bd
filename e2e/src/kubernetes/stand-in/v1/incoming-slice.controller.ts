import type { KubeClient } from "../../rig/kube-client.js";
import { at, base64, type KubeObject, type ObjectRef, ownerOf, textAt } from "../../rig/kube-object.js";
import { CertificateDesk } from "../certificate-desk.js";
import type { ControllerSpec } from "../controllers.js";
import { requestProblem } from "../liqo-keys.js";
import { apply, warn, writeStatus } from "../objects.js";
import {
  isReplicated,
  LABEL,
  type LiqoSettings,
  QUOTA,
  SLICE,
  sliceCondition,
  sliceUser,
  TENANT,
  withCondition,
} from "./kinds.js";

/** The classes that Liqo itself serves: whatever is asked for is granted. */
const OWN_CLASSES = new Set(["", "default"]);
const DEFAULTS = { cpu: "2", memory: "4Gi", pods: "100" };

/** What Liqo does at the provider with the slices that consumers replicate there: authentication, its own classes, Quotas. */
export class IncomingSliceControllers {
  readonly #desk: CertificateDesk;

  constructor(
    private readonly kube: KubeClient,
    private readonly settings: LiqoSettings,
  ) {
    this.#desk = new CertificateDesk(kube);
  }

  get specs(): readonly ControllerSpec[] {
    const options = { labelSelector: `${LABEL.replicated}=true` };
    return [
      { name: "remote-slice", kind: SLICE, options, reconcile: (ref) => this.#slice(ref) },
      { name: "quota", kind: SLICE, options, reconcile: (ref) => this.#quota(ref) },
    ];
  }

  async #slice(ref: ObjectRef): Promise<void> {
    const slice = await this.#read(ref);
    const csr = textAt(slice, "spec", "csr");
    if (!slice || csr === undefined) return;
    const consumer = textAt(slice, "spec", "consumerClusterID");
    if (consumer === undefined) {
      return warn(this.kube, slice, "RemoteCertificateFailed", "ConsumerClusterID not set");
    }
    const tenants = await this.kube.list(TENANT);
    const tenant = tenants.find((each) => textAt(each, "spec", "clusterID") === consumer);
    if (!tenant) {
      await warn(this.kube, slice, "TenantNotFound", `no Tenant for cluster ${consumer}`);
      throw new Error(`no Tenant for cluster ${consumer}`);
    }
    const request = Buffer.from(csr, "base64");
    const user = sliceUser(ref.name, consumer);
    const publicKey = Buffer.from(textAt(tenant, "spec", "publicKey") ?? "", "base64");
    const problem = requestProblem(request, { commonName: user, organization: consumer, publicKey });
    if (problem !== undefined) return warn(this.kube, slice, "InvalidCSR", problem);
    await this.#accept(slice, tenant, request.toString());
  }

  async #accept(slice: KubeObject, tenant: KubeObject, request: string): Promise<void> {
    const { namespace = "", name = "" } = slice.metadata;
    const secret = { namespace, name: `liqo-remote-certificate-${name}` };
    const signed = await this.#desk.certificate(secret, request);
    const { apiServer, ca } = this.settings;
    const status = { ...(at(slice, "status") as object | undefined) };
    const granted = this.#ownDecision(slice, tenant);
    const authParams = { apiServer, ca: base64(ca), signedCRT: base64(signed) };
    const withResources = { ...slice, status: { ...status, ...granted } };
    const conditions = withCondition(
      withResources,
      "Authentication",
      "Accepted",
      "ResourceSlice authentication accepted",
    );
    await writeStatus(this.kube, slice, { ...status, ...granted, authParams, conditions });
  }

  /** What Liqo decides itself: everything for its own classes, and Denied for a new slice of a tenant that is not Active. */
  #ownDecision(slice: KubeObject, tenant: KubeObject): object {
    const isActive = (textAt(tenant, "spec", "tenantCondition") ?? "Active") === "Active";
    if (!isActive) {
      if (sliceCondition(slice, "Resources") !== undefined) return {};
      return { conditions: withCondition(slice, "Resources", "Denied", "the tenant is cordoned") };
    }
    if (!OWN_CLASSES.has(textAt(slice, "spec", "class") ?? "")) return {};
    const asked = at(slice, "spec", "resources") as Record<string, string> | undefined;
    return {
      resources: { ...DEFAULTS, ...asked },
      conditions: withCondition(slice, "Resources", "Accepted", "ResourceSlice resources accepted"),
    };
  }

  /** Only Accepted with resources moves the Quota; a later Denied leaves it as it is. */
  async #quota(ref: ObjectRef): Promise<void> {
    const slice = await this.#read(ref);
    const resources = at(slice, "status", "resources") as Record<string, string> | undefined;
    if (!slice || sliceCondition(slice, "Resources") !== "Accepted" || resources === undefined) return;
    const consumer = textAt(slice, "spec", "consumerClusterID");
    if (consumer === undefined || sliceCondition(slice, "Authentication") !== "Accepted") return;
    const user = sliceUser(ref.name, consumer);
    const annotations = slice.metadata.annotations;
    const cordoned = annotations?.[LABEL.cordon] === "true" || annotations?.[LABEL.cordonTenant] === "true";
    await apply(this.kube, {
      ...QUOTA,
      metadata: {
        name: user,
        namespace: ref.namespace ?? "",
        labels: { [LABEL.remoteCluster]: consumer },
        ownerReferences: [{ ...ownerOf(slice), controller: true }],
      },
      spec: { user, resources, cordoned, limitsEnforcement: this.settings.limitsEnforcement },
    });
  }

  async #read(ref: ObjectRef): Promise<KubeObject | undefined> {
    const slice = await this.kube.get(ref);
    return slice && isReplicated(slice) && slice.metadata.deletionTimestamp === undefined ? slice : undefined;
  }
}
