import type { PeeringTask } from "../../services/peerings/peering-ports.js";
import type { ConnectorAccount } from "../forge/handshake.js";
import { sliceNameOf } from "../forge/tenant-names.js";
import type { KubeObject } from "../kube/kube-api.js";
import type { NetworkFacts } from "./network-facts.js";
import type { CustomerMessage, ProviderReply, StatusReply } from "../forge/handshake-messages.js";
import type { BoughtNode } from "./bought-node.js";
import type { Remains } from "./remains.js";
import { shown, type KubeAction, type Stage, type Waits } from "./stages.js";
import type { TenantView } from "./tenant-view.js";

/** An answer that was understood and is not gone by, because of what it says. */
export interface UnusableReply {
  readonly type: "unusable";
  /** What is wrong with it; the provider's text may be a part. */
  readonly message: string;
  readonly whatToDo: string;
}

export type Heard = ProviderReply | UnusableReply;

/** What the provider has answered in this run; undefined = not asked yet. */
export interface Answers {
  readonly nonce?: Heard;
  readonly tenant?: Heard;
  readonly network?: Heard;
  readonly disconnect?: Heard;
  readonly status?: Heard;
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
  /** What Liqo has still to take away; nothing while the peering is wanted. */
  readonly remains: Remains;
  readonly answers: Answers;
  /** Public key of Liqo here, PEM. */
  readonly liqoKey: string | undefined;
  readonly node: BoughtNode;
  /** Quantities that the contracts give. */
  readonly resources: Readonly<Record<string, string>>;
  readonly className: string;
  readonly account: ConnectorAccount | null;
  readonly networkFacts: NetworkFacts;
  readonly now: number;
  readonly patienceMs: number;
  readonly waits: Waits;
}

export type CustomerStage = Stage<CustomerSeen, CustomerAction>;

/** The slice that we made for this provider, or one in its way. */
export function sliceOf({ view, task }: Pick<CustomerSeen, "view" | "task">): KubeObject | undefined {
  const name = sliceNameOf(task.peer.clusterID);
  return view.ownSlices.find(({ metadata }) => metadata.name === name);
}

/** Where the provider says that the peering stands; undefined while it does not answer. */
export function statusOf({ answers: { status } }: Pick<CustomerSeen, "answers">): StatusReply | undefined {
  return status?.type === "status" ? status : undefined;
}

/** How to wait for an answer that is no answer yet. */
export function unanswered(reply: Heard, late: string): ReturnType<CustomerStage["judge"]> {
  const message = "message" in reply ? clean(reply.message) : "";
  if (reply.type === "unusable")
    return {
      status: "FAILED",
      message: `What the provider told cannot be used: ${message}.`,
      whatToDo: reply.whatToDo,
    };
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

/** What to say of an object of somebody else that is in the way. */
export function byHand(object: KubeObject): ReturnType<CustomerStage["judge"]> {
  return {
    status: "FAILED",
    message: `${shown(object)} was made by somebody else and is left alone.`,
    whatToDo: "Remove it, or end the peering that was made by hand; then the contract is connected by itself.",
    object: shown(object),
  };
}

/** A text of another cluster, short and on one line. */
export function clean(text = ""): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, 300);
}
