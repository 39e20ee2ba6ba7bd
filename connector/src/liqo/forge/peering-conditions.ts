import type { PeeringCondition } from "../../services/peerings/peering-ports.js";
import { redacted } from "./redaction.js";

const TYPES: ReadonlySet<string> = new Set([
  "OutgoingPeering",
  "IncomingPeering",
  "NetworkStatus",
  "APIServerStatus",
  "AuthenticationStatus",
  "ProcessForeignClusterStatus",
]);

/** What the conditions of a ForeignCluster amount to, for the side that asks. */
export type PeeringFinding =
  | "NONE"
  | "NOT_PROCESSED"
  | "IDENTITY_LOST"
  | "IDENTITY_REFUSED"
  | "AUTHENTICATING"
  | "WAITING_FOR_PROVIDER"
  | "NETWORK"
  | "ESTABLISHED"
  | "DISCONNECTING"
  | "ERROR";

export interface PeeringDiagnosis {
  readonly finding: PeeringFinding;
  /** One sentence for an admin, without secrets. */
  readonly message: string;
  readonly whatToDo: string | null;
}

/** `status.peeringConditions` of a ForeignCluster of Liqo 0.x: those of known types, in a fixed order, without the tokens that their messages may hold. */
export function readConditions(status: unknown, ...secrets: readonly (string | null)[]): PeeringCondition[] {
  const list = (status as { peeringConditions?: unknown } | undefined)?.peeringConditions;
  if (!Array.isArray(list)) return [];
  return list
    .filter((item): item is Record<string, unknown> => typeof item === "object" && item !== null)
    .map((item) => ({
      type: text(item["type"]),
      status: text(item["status"]),
      reason: redacted(text(item["reason"]), ...secrets).slice(0, 200),
      message: redacted(text(item["message"]), ...secrets).slice(0, 600),
    }))
    .filter(({ type }) => TYPES.has(type))
    .sort((a, b) => (a.type < b.type ? -1 : 1));
}

/** Status of one condition; Liqo leaves out what never began, which is None. */
export function conditionStatus(conditions: readonly PeeringCondition[], type: string): string {
  return conditions.find((condition) => condition.type === type)?.status ?? "None";
}

/** What the customer's side shows. */
export function diagnoseOutgoing(conditions: readonly PeeringCondition[]): PeeringDiagnosis {
  return (
    processing(conditions) ??
    authentication(conditions) ??
    outgoing(conditions) ?? {
      finding: "NONE",
      message: "Liqo has not begun to peer yet.",
      whatToDo: null,
    }
  );
}

function processing(conditions: readonly PeeringCondition[]): PeeringDiagnosis | undefined {
  const found = conditions.find(({ type, status }) => type === "ProcessForeignClusterStatus" && status === "Error");
  if (found === undefined) return undefined;
  if (found.reason === "LocalCluster")
    return fault(
      "NOT_PROCESSED",
      "Liqo says that the provider has the cluster id of this very cluster.",
      "One of the two clusters was cloned: give it a new Liqo installation with an id of its own.",
    );
  if (found.reason === "ClusterIDRepetition")
    return fault(
      "NOT_PROCESSED",
      "There are two ForeignClusters for the provider's cluster id.",
      "Remove the ForeignCluster that was made by hand, or let it be and end this contract's peering.",
    );
  return fault(
    "NOT_PROCESSED",
    `Liqo does not process the ForeignCluster: ${said(found)}`,
    "Look at the log of Liqo's controller manager.",
  );
}

function authentication(conditions: readonly PeeringCondition[]): PeeringDiagnosis | undefined {
  const found = conditions.find(({ type }) => type === "AuthenticationStatus");
  if (found === undefined || found.status === "Established" || found.status === "Success" || found.status === "None")
    return undefined;
  if (found.status === "Pending")
    return { finding: "AUTHENTICATING", message: "Liqo is logging in at the provider.", whatToDo: null };
  if (/stored and (the )?provided CSR/i.test(found.message))
    return fault(
      "IDENTITY_LOST",
      "The provider knows an older identity of this cluster and refuses the new one.",
      "Nothing: the provider's Connector is asked to forget the old one.",
    );
  return fault(
    "IDENTITY_REFUSED",
    `The login at the provider failed: ${said(found)}`,
    "Nothing at first: the address and the token are fetched again from the provider. If it stays, check that the provider's Liqo authentication service can be reached from here.",
  );
}

function outgoing(conditions: readonly PeeringCondition[]): PeeringDiagnosis | undefined {
  const found = conditions.find(({ type }) => type === "OutgoingPeering") ?? NEVER_BEGAN;
  switch (found.status) {
    case "Established":
      return (
        networkFault(conditions) ?? { finding: "ESTABLISHED", message: "The peering is established.", whatToDo: null }
      );
    case "Pending":
      return (
        networkFault(conditions) ?? {
          finding: "WAITING_FOR_PROVIDER",
          message: "The provider has not accepted the peering yet.",
          whatToDo:
            "Nothing at first: the provider's Connector lets this cluster in. If it stays, ask the provider whether its Connector and its Liqo run.",
        }
      );
    case "Disconnecting":
      return {
        finding: "DISCONNECTING",
        message: "Liqo is taking the peering down; this ends only while the provider's cluster can be reached.",
        whatToDo: null,
      };
    case "Denied":
    case "EmptyDenied":
    case "Error":
      return fault(
        "ERROR",
        `The outgoing peering failed: ${said(found)}`,
        "Look at the ForeignCluster and at the log of Liqo's controller manager.",
      );
    default:
      return undefined;
  }
}

function networkFault(conditions: readonly PeeringCondition[]): PeeringDiagnosis | undefined {
  const found = conditions.find(({ type, status }) => type === "NetworkStatus" && status === "Error");
  if (found === undefined) return undefined;
  return fault(
    "NETWORK",
    `The networks of the two clusters are not connected: ${said(found)}`,
    "Check that Liqo's gateways of both clusters reach each other (UDP).",
  );
}

/** What the provider's side shows. */
export function diagnoseIncoming(conditions: readonly PeeringCondition[]): PeeringDiagnosis {
  const found = conditions.find(({ type }) => type === "IncomingPeering") ?? NEVER_BEGAN;
  switch (found.status) {
    case "Established":
      return { finding: "ESTABLISHED", message: "The customer's peering is established.", whatToDo: null };
    case "Pending":
      return {
        finding: "WAITING_FOR_PROVIDER",
        message: "The customer asks to peer; Liqo is making its offer.",
        whatToDo: null,
      };
    case "Disconnecting":
      return {
        finding: "DISCONNECTING",
        message:
          "Liqo is taking back what the customer had; this ends only while the customer's cluster can be reached.",
        whatToDo: null,
      };
    case "Denied":
    case "EmptyDenied":
    case "Error":
      return fault(
        "ERROR",
        `The incoming peering failed: ${said(found)}`,
        "Look at the ForeignCluster and at the log of Liqo's controller manager.",
      );
    default:
      return { finding: "NONE", message: "The customer has not peered yet.", whatToDo: null };
  }
}

const NEVER_BEGAN: PeeringCondition = { type: "", status: "None", reason: "", message: "" };

function fault(finding: PeeringFinding, message: string, whatToDo: string): PeeringDiagnosis {
  return { finding, message, whatToDo };
}

function said({ reason, message }: PeeringCondition): string {
  return [reason, message].filter((part) => part !== "").join(": ") || "no reason is given";
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
