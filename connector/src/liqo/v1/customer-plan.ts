import type { PeeringTask } from "../../services/peerings/peering-ports.js";
import { isNonceSignature } from "../csr.js";
import {
  identity,
  resourceSlice,
  signedNonceSecret,
  tenantNamespace,
  tenantRoleBinding,
  type ConnectorAccount,
  type TenantPlace,
} from "../forge/handshake.js";
import { isSameJson } from "../forge/same-json.js";
import { conditionOf } from "../forge/slice-status.js";
import { isOurs } from "../forge/tenant-labels.js";
import type { KubeObject } from "../kube/kube-api.js";
import { customerNetwork, type NetworkFacts } from "./network-stages.js";
import type { CustomerMessage, ProviderReply, StatusReply } from "../forge/handshake-messages.js";
import { fieldsOf, planOf, refOf, shown, type KubeAction, type Plan, type Stage, type Waits } from "./stages.js";
import { isOfAnother, shownConditions, type TenantView } from "./tenant-view.js";

/** What the provider has answered in this run; undefined = not asked yet. */
export interface Answers {
  readonly nonce?: ProviderReply;
  readonly tenant?: ProviderReply;
  readonly network?: ProviderReply;
  readonly status?: ProviderReply;
  /** Whether it was told, or could not be told, that this side is down. */
  readonly ended?: boolean;
}

export type CustomerAction =
  | KubeAction
  | { readonly do: "ask"; readonly message: CustomerMessage }
  /** The tenant parts need the private key, which only the driver reads. */
  | { readonly do: "prove"; readonly signature: string };

/** Everything that decides about the customer's side of one peering. */
export interface CustomerSeen {
  readonly task: PeeringTask;
  readonly view: TenantView;
  readonly answers: Answers;
  /** Public key of Liqo here, PEM. */
  readonly liqoKey: string | undefined;
  /** Status of the node that Liqo made of the purchase, as its ForeignCluster tells it; undefined where it tells none. */
  readonly nodeStatus: string | undefined;
  readonly hasVirtualNode: boolean;
  /** Quantities that the contracts give. */
  readonly resources: Readonly<Record<string, string>>;
  readonly className: string;
  readonly account: ConnectorAccount | null;
  readonly networkFacts: NetworkFacts;
  readonly now: number;
  readonly patienceMs: number;
  readonly waits: Waits;
}

type CustomerStage = Stage<CustomerSeen, CustomerAction>;

/** Where the peer's objects stand. */
export function placeOf({ task: { peer }, view }: Pick<CustomerSeen, "task" | "view">): TenantPlace {
  const { clusterID, fingerprint } = peer;
  return { clusterID, fingerprint, namespace: view.namespace?.metadata.name ?? "" };
}

/** What is to be done next to be connected to the provider. Pure. */
export function planCustomer(seen: CustomerSeen): Plan<CustomerAction> {
  const { task, view, now, patienceMs, waits } = seen;
  const stages = [
    NAMESPACE,
    ACCESS,
    STATUS,
    NONCE,
    SIGNATURE,
    TENANT,
    IDENTITY,
    SLICE,
    ...(task.network ? customerNetwork : []),
    GRANT,
    NODE,
  ];
  return planOf<CustomerSeen, CustomerAction>(stages, seen, {
    direction: "UP",
    now,
    patienceMs,
    waits,
    conditions: shownConditions(view.ownSlices),
    done: {
      phase: "ESTABLISHED",
      message: "What was bought can be used: the provider's resources are a node of this cluster.",
    },
    released: isSliceRight(seen) ? task.ending.map(({ contractID }) => contractID) : [],
  });
}

const NAMESPACE: CustomerStage = {
  name: "namespace",
  judge: (seen) => {
    const { view, task } = seen;
    const { namespace } = view;
    if (namespace === undefined) {
      const object = tenantNamespace(task.peer.clusterID, task.peer.fingerprint);
      return {
        status: "DOING",
        message: "The namespace of the provider is being made.",
        action: { do: "create", object },
      };
    }
    if (namespace.metadata.deletionTimestamp !== undefined)
      return {
        status: "DOING",
        message: "The namespace of an earlier peering is still being removed.",
        object: shown(namespace),
        late: "See which objects in it have finalizers, and why Liqo does not take them off.",
      };
    if (!isOfAnother(view, task.peer.fingerprint)) return "DONE";
    return {
      status: "FAILED",
      message: `There is a peering with another cluster that has the same id ${task.peer.clusterID}.`,
      whatToDo: "Take that one down first, or ask the two owners: one of them has to change its Liqo cluster id.",
      object: shown(namespace),
    };
  },
};

const ACCESS: CustomerStage = {
  name: "access",
  judge: (seen) => {
    if (seen.account === null || seen.view.binding !== undefined) return "DONE";
    const object = tenantRoleBinding(placeOf(seen), seen.account);
    return {
      status: "DOING",
      message: "The Connector lets itself into the namespace.",
      action: { do: "create", object },
    };
  },
};

const STATUS: CustomerStage = {
  name: "provider",
  judge: ({ answers: { status } }) =>
    status === undefined
      ? {
          status: "WAITING",
          message: "The provider is being asked.",
          action: { do: "ask", message: { type: "status" } },
        }
      : "DONE",
};

/** Whether the handshake was done and holds on both sides. */
function isIntroduced({ answers: { status }, view, task }: CustomerSeen): boolean {
  const isKnown = status?.type === "status" ? status.hasTenant : true;
  return isKnown && view.identities.some((one) => fieldsOf(one.spec)["clusterID"] === task.peer.clusterID);
}

const NONCE: CustomerStage = {
  name: "nonce",
  judge: (seen) => {
    if (isIntroduced(seen)) return "DONE";
    const { nonce } = seen.answers;
    if (nonce === undefined)
      return {
        status: "WAITING",
        message: "The provider is asked for a nonce.",
        action: { do: "ask", message: { type: "nonce" } },
      };
    return nonce.type === "nonce"
      ? "DONE"
      : unanswered(nonce, "Ask the provider whether its Liqo runs: it has not made a nonce.");
  },
};

const SIGNATURE: CustomerStage = {
  name: "signature",
  judge: (seen) => {
    if (isIntroduced(seen)) return "DONE";
    const { view, answers, liqoKey } = seen;
    const nonce = answers.nonce?.type === "nonce" ? answers.nonce.nonce : "";
    const { signedNonce } = view;
    if (signedNonce === undefined) {
      const object = signedNonceSecret(placeOf(seen), nonce);
      return {
        status: "DOING",
        message: "Liqo is asked to sign the provider's nonce.",
        action: { do: "create", object },
      };
    }
    if (textOf(signedNonce, "nonce") !== nonce) {
      const patch = { stringData: { nonce } };
      return {
        status: "DOING",
        message: "Liqo is asked to sign a new nonce.",
        action: { do: "patch", ref: refOf(signedNonce), patch },
      };
    }
    if (liqoKey === undefined)
      return {
        status: "FAILED",
        message: "Liqo here has no key yet.",
        whatToDo: "Check that Liqo's controller manager runs: it makes Secret authentication-keys in its namespace.",
      };
    if (signatureIn(seen) !== undefined) return "DONE";
    return {
      status: "DOING",
      message: "Liqo is signing the provider's nonce.",
      object: shown(signedNonce),
      late: "Check that Liqo's controller manager runs in this cluster.",
    };
  },
};

/** Liqo's signature of the present nonce, base64; undefined while it is that of another one. */
function signatureIn({ view: { signedNonce }, liqoKey = "" }: CustomerSeen): string | undefined {
  const signature = signedNonce?.data?.["signedNonce"];
  if (signature === undefined || signedNonce === undefined) return undefined;
  return isNonceSignature(textOf(signedNonce, "nonce"), Buffer.from(signature, "base64"), liqoKey)
    ? signature
    : undefined;
}

const TENANT: CustomerStage = {
  name: "tenant",
  judge: (seen) => {
    if (isIntroduced(seen)) return "DONE";
    const { tenant } = seen.answers;
    const signature = signatureIn(seen) ?? "";
    if (tenant === undefined)
      return {
        status: "WAITING",
        message: "The provider is asked to let this cluster in.",
        action: { do: "prove", signature },
      };
    return tenant.type === "identity"
      ? "DONE"
      : unanswered(tenant, "Ask the provider to look at the Events of this cluster's Tenant.");
  },
};

const IDENTITY: CustomerStage = {
  name: "identity",
  judge: (seen) => {
    const { tenant } = seen.answers;
    if (tenant?.type !== "identity") return "DONE";
    const wanted = identity(placeOf(seen), tenant.namespace, tenant.authParams);
    const found = seen.view.identities.find(({ metadata }) => metadata.name === wanted.metadata.name);
    if (found === undefined)
      return {
        status: "DOING",
        message: "Liqo is given the identity at the provider.",
        action: { do: "create", object: wanted },
      };
    if (isSameJson(found.spec, wanted.spec)) return "DONE";
    if (isOurs(found))
      return {
        status: "DOING",
        message: "Liqo is given a new identity at the provider.",
        action: { do: "patch", ref: refOf(found), patch: { spec: wanted.spec } },
      };
    return byHand(found);
  },
};

const SLICE: CustomerStage = {
  name: "slice",
  judge: (seen) => {
    const wanted = resourceSlice(placeOf(seen), seen.className, seen.resources);
    const found = sliceOf(seen);
    if (found === undefined)
      return {
        status: "DOING",
        message: "What was bought is being asked for.",
        action: { do: "create", object: wanted },
      };
    if (found.metadata.deletionTimestamp !== undefined)
      return {
        status: "DOING",
        message: "An earlier ResourceSlice is still being removed.",
        object: shown(found),
        late: "The provider has to be reachable for that.",
      };
    if (!isOurs(found)) return byHand(found);
    if (isSliceRight(seen)) return "DONE";
    const resources = { ...nulls(fieldsOf(fieldsOf(found.spec)["resources"])), ...seen.resources };
    const patch = { spec: { class: seen.className, resources } };
    return {
      status: "DOING",
      message: "The ResourceSlice is fitted to what was bought.",
      action: { do: "patch", ref: refOf(found), patch },
    };
  },
};

const GRANT: CustomerStage = {
  name: "grant",
  judge: (seen) => {
    const slice = sliceOf(seen);
    const authentication = slice && conditionOf(slice, "Authentication");
    const resources = slice && conditionOf(slice, "Resources");
    const object = slice === undefined ? {} : { object: shown(slice) };
    if (authentication?.status === "Denied")
      return {
        ...object,
        status: "WAITING",
        message: `The provider's Liqo does not accept the ResourceSlice: ${clean(authentication.message)}`,
        whatToDo:
          "If it says that requests do not match, ask the provider to delete Secret liqo-remote-certificate-<slice> in this cluster's namespace there.",
      };
    if (resources?.status === "Denied")
      return {
        ...object,
        status: "WAITING",
        message: `The provider grants nothing: ${clean(resources.message)}`,
        whatToDo: "Ask the provider; its Connector shows the same contract.",
      };
    if (authentication?.status === "Accepted" && resources?.status === "Accepted") return "DONE";
    const says = statusOf(seen)?.message ?? "";
    return {
      ...object,
      status: "WAITING",
      message: `The provider has not granted the ResourceSlice yet.${says === "" ? "" : ` It says: ${clean(says)}`}`,
      late: "A refusal by the provider's policies is not shown on the ResourceSlice. Check that Liqo here reaches the provider's API server, and ask the provider.",
    };
  },
};

const NODE: CustomerStage = {
  name: "node",
  judge: ({ nodeStatus, hasVirtualNode }) => {
    if (nodeStatus === "Ready" || (nodeStatus === undefined && hasVirtualNode)) return "DONE";
    return {
      status: "DOING",
      message:
        nodeStatus === undefined
          ? "Liqo has not made a virtual node yet."
          : `The virtual node is not ready: Liqo says ${nodeStatus}.`,
      late: "Look at the VirtualNode and at the virtual kubelet's pod in the namespace of the provider.",
    };
  },
};

/** The slice that we made for this provider, or one in its way. */
export function sliceOf(seen: Pick<CustomerSeen, "view" | "task">): KubeObject | undefined {
  const name = resourceSlice(placeOf(seen), "", {}).metadata.name;
  return seen.view.ownSlices.find(({ metadata }) => metadata.name === name);
}

function isSliceRight(seen: CustomerSeen): boolean {
  const spec = fieldsOf(sliceOf(seen)?.spec);
  return spec["class"] === seen.className && isSameJson(spec["resources"], seen.resources);
}

function statusOf({ answers: { status } }: CustomerSeen): StatusReply | undefined {
  return status?.type === "status" ? status : undefined;
}

function unanswered(reply: ProviderReply, late: string): ReturnType<CustomerStage["judge"]> {
  const message = "message" in reply ? clean(reply.message) : "";
  if (reply.type === "refused")
    return {
      status: "FAILED",
      message: `The provider refuses: ${message}`,
      whatToDo: "Settle it with the provider; it is tried again by itself.",
    };
  return {
    status: "WAITING",
    message: message === "" ? "The provider is not ready yet." : `The provider is not ready yet: ${message}`,
    late,
  };
}

function byHand(object: KubeObject): ReturnType<CustomerStage["judge"]> {
  return {
    status: "FAILED",
    message: `${shown(object)} was made by somebody else and is left alone.`,
    whatToDo: "Remove it, or end the peering that was made by hand; then the contract is connected by itself.",
    object: shown(object),
  };
}

function textOf(secret: KubeObject, name: string): string {
  return Buffer.from(secret.data?.[name] ?? "", "base64").toString();
}

function nulls(resources: Readonly<Record<string, unknown>>): Readonly<Record<string, null>> {
  return Object.fromEntries(Object.keys(resources).map((name) => [name, null]));
}

/** A text of another cluster, short and on one line. */
function clean(text = ""): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").slice(0, 300);
}
