import type { CostPeriod } from "@catalog/schema/money";

type Resources = Readonly<Record<string, string>>;

export interface PlanView {
  readonly planID: string;
  readonly planName: string;
  readonly planCost: number;
  readonly planCostCurrency: string;
  readonly planCostPeriod: CostPeriod;
  readonly planQuantity: number;
  readonly available: number;
  readonly resources: Resources;
}

interface OfferTermsView {
  readonly offerID: string;
  readonly offerName: string;
  readonly offerType: string;
  readonly description: string;
  readonly status: boolean;
  readonly labels: Resources;
  readonly approval: "AUTO" | "MANUAL";
  readonly capacity: "DECLARED" | "MEASURED";
  readonly noticePeriod: number | null;
  readonly minDuration: number | null;
}

export interface MyOfferView extends OfferTermsView {
  readonly declared: boolean;
  readonly rev: number;
  readonly plans: readonly (PlanView & { readonly held: number })[];
}

export interface OfferView extends OfferTermsView {
  readonly clusterID: string;
  readonly clusterPrettyName: string;
  readonly fingerprint: string;
  readonly termsRev: number;
  readonly staleSince: number | null;
  /** The signed document. */
  readonly jws: string;
  readonly peerable: { readonly ok: boolean; readonly reason: string | null };
  readonly plans: readonly PlanView[];
}

export interface BrokerView {
  readonly brokerID: string;
  readonly brokerName: string;
  readonly brokerEndpoint: string;
  readonly subscribed: boolean;
  readonly connected: boolean;
  readonly declared: boolean;
  readonly membership: "PENDING" | "ADMITTED";
  readonly lastError: string | null;
}

interface PartyView {
  readonly prettyName: string;
  readonly clusterID: string;
  readonly fingerprint: string;
}

export interface ContractView {
  readonly contractID: string;
  readonly role: "BUYER" | "SELLER";
  readonly state: string;
  readonly code: string | null;
  readonly message: string | null;
  readonly offerID: string;
  readonly planID: string;
  readonly units: number;
  readonly resources: Resources;
  readonly money: { readonly total: number; readonly currency: string; readonly period: string } | null;
  readonly created: number;
  readonly validFrom: number | null;
  readonly validUntil: number | null;
  readonly approveBy: number | null;
  readonly allowedActions: readonly string[];
  readonly buyer: PartyView;
  readonly seller: PartyView;
}

/** A contract with its documents. */
export interface SignedContractView extends ContractView {
  readonly contract: string | null;
  readonly terms: string | null;
  readonly receipt: string | null;
  readonly activation: string | null;
  readonly notice: string | null;
  readonly timeline: readonly {
    readonly state: string;
    readonly at: number;
    readonly actor: string;
    readonly message: string | null;
  }[];
}

export interface PeeringView {
  readonly peeringID: string;
  readonly side: "CUSTOMER" | "PROVIDER";
  readonly phase: string;
  readonly message: string;
  readonly whatToDo: string | null;
  readonly manifests: string | null;
  readonly peer: PartyView;
  readonly contracts: readonly { readonly contractID: string }[];
  readonly questions: readonly {
    readonly name: string;
    readonly description: string;
    readonly command: string | null;
  }[];
}

export interface FindingView {
  readonly check: string;
  readonly ok: boolean;
  readonly severity: "INFO" | "WARNING" | "ERROR";
  readonly message: string;
  readonly whatToDo: string | null;
}

export interface RehearsalView {
  readonly message: string;
  readonly whatToDo: string | null;
}
