import { isNonceSignature } from "../csr.js";
import { identity, identityDigest, signedNonceSecret } from "../forge/handshake.js";
import { isSameJson } from "../forge/same-json.js";
import { isOurs } from "../forge/tenant-labels.js";
import type { KubeObject } from "../kube/kube-api.js";
import { byHand, unanswered, type CustomerSeen, type CustomerStage } from "./customer-seen.js";
import { placeOf } from "./place-stages.js";
import { fieldsOf, refOf, shown } from "./stages.js";

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

/** Liqo makes an Identity for each slice too, which lets nobody in. */
function isControlPlane({ spec }: KubeObject, clusterID: string): boolean {
  const { clusterID: id, type } = fieldsOf(spec);
  return id === clusterID && type === "ControlPlane";
}

/** Whether the handshake was done and holds on both sides. */
function isIntroduced({ answers: { status }, view, task }: CustomerSeen): boolean {
  const [isKnown, told] = status?.type === "status" ? [status.hasTenant, status.identity] : [true, undefined];
  return isKnown && view.identities.some((one) => isControlPlane(one, task.peer.clusterID) && isThat(one, told));
}

/** Whether it is the identity that the provider has made last; one by hand is taken as it is. */
function isThat(one: KubeObject, told: string | undefined): boolean {
  if (told === undefined || !isOurs(one)) return true;
  const { namespace, authParams } = fieldsOf(one.spec);
  return identityDigest(namespace, fieldsOf(authParams)) === told;
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

function textOf(secret: KubeObject, name: string): string {
  return Buffer.from(secret.data?.[name] ?? "", "base64").toString();
}

/** The stages in which a customer proves to the provider's Liqo who it is, and gets an identity there. */
export const introductionStages: readonly CustomerStage[] = [STATUS, NONCE, SIGNATURE, TENANT, IDENTITY];
