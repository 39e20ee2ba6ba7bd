import type { ContractState } from "./contract.js";

/*
 * The operations that machines exchange, each with the types of its variables and its result. A Connector calls a Broker and
 * other Connectors with exactly these texts.
 */

/** Signed descriptor and name of a Broker; readable by anybody. */
export const BROKER_DESCRIPTOR = `query BrokerDescriptor {
  broker { fingerprint name url descriptor enrolmentMode version }
}`;
export type EnrolmentMode = "TOKEN" | "APPROVAL" | "OPEN";
export interface BrokerDescriptorResult {
  readonly broker: {
    readonly fingerprint: string;
    readonly name: string;
    readonly url: string;
    readonly descriptor: string;
    readonly enrolmentMode: EnrolmentMode;
    readonly version: string;
  };
}

/** Challenge document for an enrolment, good for 60 seconds. */
export const CHALLENGE = `mutation Challenge($fingerprint: ID!) {
  challenge(fingerprint: $fingerprint)
}`;
export interface ChallengeVariables {
  readonly fingerprint: string;
}
export interface ChallengeResult {
  readonly challenge: string;
}

/** Joins a Broker; repeating it is harmless. */
export const ENROL = `mutation Enrol($descriptor: String!, $proof: String!, $token: String) {
  enrol(descriptor: $descriptor, proof: $proof, token: $token) { status fingerprint clusterID }
}`;
export interface EnrolVariables {
  readonly descriptor: string;
  /** Signed answer to the challenge. */
  readonly proof: string;
  /** Join token, encrypted to the Broker; null where the Broker asks for none. */
  readonly token: string | null;
}
export type EnrolmentStatus = "PENDING" | "ADMITTED";
export interface Enrolment {
  readonly status: EnrolmentStatus;
  readonly fingerprint: string;
  readonly clusterID: string;
}
export interface EnrolResult {
  readonly enrol: Enrolment;
}

/** Says what this cluster lists; the Broker answers what it lacks and drops what is listed no longer. */
export const ANNOUNCE = `mutation Announce($descriptor: String!, $asOf: Timestamp!, $offers: [AnnouncedOffer!]!) {
  announce(descriptor: $descriptor, asOf: $asOf, offers: $offers) {
    need highestRev dropped higher descriptorAccepted
  }
}`;
export interface AnnouncedOffer {
  readonly offerID: string;
  readonly rev: number;
  /** Digest of the signed offer document. */
  readonly digest: string;
}
export interface AnnounceVariables {
  readonly descriptor: string;
  /** The highest number of this cluster when the list was taken. */
  readonly asOf: number;
  readonly offers: readonly AnnouncedOffer[];
}
export interface Announcement {
  /** Offers whose document the Broker wants. */
  readonly need: readonly string[];
  readonly highestRev: number;
  /** Offers that the Broker lists no longer because of this. */
  readonly dropped: readonly string[];
  /** Documents of this cluster with higher numbers than those announced. */
  readonly higher: readonly string[];
  readonly descriptorAccepted: boolean;
}
export interface AnnounceResult {
  readonly announce: Announcement;
}

const PUBLISH_FIELDS = "{ results { offerID rev accepted code message higher } }";
/** Hands over signed offers; each has its own outcome. */
export const PUBLISH_OFFERS = `mutation PublishOffers($documents: [String!]!) {
  publishOffers(documents: $documents) ${PUBLISH_FIELDS}
}`;
/** Hands over signed withdrawals; each has its own outcome. */
export const WITHDRAW_OFFERS = `mutation WithdrawOffers($documents: [String!]!) {
  withdrawOffers(documents: $documents) ${PUBLISH_FIELDS}
}`;
export interface DocumentsVariables {
  readonly documents: readonly string[];
}
export interface DocumentOutcome {
  /** Null where the document could not be read. */
  readonly offerID: string | null;
  readonly rev: number | null;
  readonly accepted: boolean;
  readonly code: string | null;
  readonly message: string | null;
  /** The document with a higher number, where that is the reason. */
  readonly higher: string | null;
}
export interface PublishResult {
  readonly results: readonly DocumentOutcome[];
}
export interface PublishOffersResult {
  readonly publishOffers: PublishResult;
}
export interface WithdrawOffersResult {
  readonly withdrawOffers: PublishResult;
}

/** Leaves the Broker: cluster and offers disappear from its catalog. */
export const LEAVE = `mutation Leave {
  leave
}`;
export interface LeaveResult {
  readonly leave: boolean;
}

/** Asks the Broker whether the own contract endpoint can be reached from outside. */
export const PROBE = `mutation Probe {
  probeContractEndpoint { reachable message }
}`;
export interface ProbeResult {
  readonly probeContractEndpoint: { readonly reachable: boolean; readonly message: string | null };
}

/** Signed descriptor of a Connector; readable by anybody. */
export const DESCRIPTOR = `query Descriptor {
  descriptor
}`;
export interface DescriptorResult {
  readonly descriptor: string;
}

const NEGOTIATION_FIELDS =
  "{ contractID state version incarnation code message reservedUntil terms contract activation peering notice validUntil releasedAt }";

/** A party's whole view of one contract. */
export interface Negotiation {
  readonly contractID: string;
  readonly state: ContractState;
  /** Rises with every change. */
  readonly version: number;
  /** "<13 digits of Unix ms>-<random>", compared as text; a new one begins when the database went back. */
  readonly incarnation: string;
  /** Why it was refused or ended, where there is a code for it. */
  readonly code: string | null;
  readonly message: string | null;
  /** Unix seconds. */
  readonly reservedUntil: number | null;
  /** JWS of the terms by the seller, from RESERVED on. */
  readonly terms: string | null;
  /** General JWS with both signatures, from CONFIRMED on. */
  readonly contract: string | null;
  /** JWS by the seller, from ACTIVE on. */
  readonly activation: string | null;
  /** JWE to the buyer while ACTIVE; null where there is nothing to tell. */
  readonly peering: string | null;
  /** The signed notice that ended it. */
  readonly notice: string | null;
  /** Unix seconds. */
  readonly validUntil: number | null;
  /** Unix seconds at which the units went back to stock. */
  readonly releasedAt: number | null;
}

/** Asks for units of a plan. */
export const RESERVE = `mutation Reserve($input: ReserveInput!) {
  reserve(input: $input) ${NEGOTIATION_FIELDS}
}`;
export interface ReserveInput {
  readonly contractID: string;
  readonly offerID: string;
  readonly planID: string;
  readonly units: number;
  readonly termsRev: number;
  /** Unix seconds; null: until somebody ends it. */
  readonly validUntil: number | null;
  /** The contract that is to be renewed. */
  readonly renews: string | null;
  readonly buyer: BuyerInput;
}
/** What the buyer says of itself; its fingerprint comes from the request proof. */
export interface BuyerInput {
  readonly clusterID: string;
  readonly clusterName: string;
  readonly prettyName: string;
  readonly contractEndpoint: string;
  /** JSON text of the X25519 public JWK. */
  readonly encKey: string;
  readonly liqo: { readonly mode: string; readonly version: string | null; readonly publicKey: string | null };
}
export interface ReserveVariables {
  readonly input: ReserveInput;
}
export interface ReserveResult {
  readonly reserve: Negotiation;
}

/** Adds the buyer's signature to the frozen terms. */
export const CONFIRM = `mutation Confirm($contractID: ID!, $termsHash: String!, $protected: String!, $signature: String!) {
  confirm(contractID: $contractID, termsHash: $termsHash, protected: $protected, signature: $signature) ${NEGOTIATION_FIELDS}
}`;
export interface ConfirmVariables {
  readonly contractID: string;
  readonly termsHash: string;
  readonly protected: string;
  readonly signature: string;
}
export interface ConfirmResult {
  readonly confirm: Negotiation;
}

/** Hands over the receipt for the co-signed contract, on which it becomes active. */
export const ACTIVATE = `mutation Activate($contractID: ID!, $termsHash: String!, $receipt: String!) {
  activate(contractID: $contractID, termsHash: $termsHash, receipt: $receipt) ${NEGOTIATION_FIELDS}
}`;
export interface ActivateVariables {
  readonly contractID: string;
  readonly termsHash: string;
  readonly receipt: string;
}
export interface ActivateResult {
  readonly activate: Negotiation;
}

/** Ends a contract with a signed notice; served by both sides. */
export const TERMINATE = `mutation Terminate($contractID: ID!, $notice: String!) {
  terminate(contractID: $contractID, notice: $notice) ${NEGOTIATION_FIELDS}
}`;
export interface TerminateVariables {
  readonly contractID: string;
  readonly notice: string;
}
export interface TerminateResult {
  readonly terminate: Negotiation;
}

/** Hands a message about the peering of an active contract to the seller; JSON text both ways. */
export const EXCHANGE_PEERING = `mutation ExchangePeering($contractID: ID!, $message: String!) {
  exchangePeering(contractID: $contractID, message: $message)
}`;
export interface ExchangePeeringVariables {
  readonly contractID: string;
  /** A JSON object with a `type`, at most 32 KiB. */
  readonly message: string;
}
export interface ExchangePeeringResult {
  readonly exchangePeering: string;
}

/** The caller's contracts that changed since a version, the oldest change first. */
export const NEGOTIATIONS = `query Negotiations($since: Timestamp, $first: Int! = 100) {
  negotiations(since: $since, first: $first) ${NEGOTIATION_FIELDS}
}`;
export interface NegotiationsVariables {
  readonly since: number | null;
  readonly first?: number;
}
export interface NegotiationsResult {
  readonly negotiations: readonly Negotiation[];
}
