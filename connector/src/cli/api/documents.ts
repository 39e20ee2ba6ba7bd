import { document } from "./document.js";
import type {
  BrokerView,
  ContractView,
  FindingView,
  MyOfferView,
  OfferView,
  PeeringView,
  RehearsalView,
  SignedContractView,
} from "./views.js";

const PLAN = "planID planName planCost planCostCurrency planCostPeriod planQuantity available resources";
const OFFER = "offerID offerName offerType description status labels approval capacity noticePeriod minDuration";
const BROKER = "brokerID brokerName brokerEndpoint subscribed connected declared membership lastError";
const PARTY = "{ prettyName clusterID fingerprint }";
const CONTRACT = `contractID role state code message offerID planID units resources money { total currency period }
  created validFrom validUntil approveBy allowedActions buyer ${PARTY} seller ${PARTY}`;
const PEERING = `peeringID side phase message whatToDo peer ${PARTY} contracts { contractID } questions { name description command }`;

interface Page {
  readonly first: number;
  readonly after: string | null;
}
interface ID {
  readonly id: string;
}

export const CONNECTOR = document<{
  connector: {
    fingerprint: string;
    ready: boolean;
    prettyName: string | null;
    contractEndpoint: string | null;
    descriptor: string | null;
  };
}>("query { connector { fingerprint ready prettyName contractEndpoint descriptor } }");

export const VIEWER = document<{ viewer: { actor: string; role: string; expiresAt: number | null } }>(
  "query { viewer { actor role expiresAt } }",
);

export const INIT_CATALOG = document<
  { initCatalog: { fingerprint: string; prettyName: string; contractEndpoint: string } },
  { prettyName: string; contractEndpoint: string }
>(`mutation ($prettyName: String!, $contractEndpoint: String!) {
  initCatalog(prettyName: $prettyName, contractEndpoint: $contractEndpoint) { fingerprint prettyName contractEndpoint }
}`);

export const BROKERS = document<{ brokers: BrokerView[] }>(`query { brokers { ${BROKER} } }`);

export const REGISTER_BROKER = document<{ registerBroker: BrokerView }, { join: string; name: string | null }>(
  `mutation ($join: String!, $name: String) { registerBroker(join: $join, name: $name) { ${BROKER} } }`,
);

export const UNREGISTER_BROKER = document<{ unregisterBroker: BrokerView }, ID>(
  `mutation ($id: ID!) { unregisterBroker(brokerID: $id) { ${BROKER} } }`,
);

export const MY_OFFERS = document<{ myOffers: MyOfferView[] }, Page>(
  `query ($first: Int!, $after: ID) { myOffers(first: $first, after: $after) { ${OFFER} declared rev plans { ${PLAN} held } } }`,
);

export const SAVE_OFFER = document<{ saveOffer: { offerID: string; rev: number } }, { offer: object }>(
  "mutation ($offer: OfferInput!) { saveOffer(offer: $offer) { offerID rev } }",
);

export const SET_OFFER_STATUS = document<
  { setOfferStatus: { offerID: string; status: boolean } },
  ID & { status: boolean }
>("mutation ($id: ID!, $status: Boolean!) { setOfferStatus(offerID: $id, status: $status) { offerID status } }");

export const WITHDRAW_OFFER = document<{ withdrawOffer: { offerID: string } }, ID>(
  "mutation ($id: ID!) { withdrawOffer(offerID: $id) { offerID } }",
);

export const SEARCH = document<
  { offers: { totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string | null }; nodes: OfferView[] } },
  Page & { filter: object | null; orderBy: string }
>(`query ($first: Int!, $after: String, $filter: OfferFilter, $orderBy: OfferOrder!) {
  offers(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { ${OFFER} clusterID clusterPrettyName fingerprint termsRev staleSince jws peerable { ok reason } plans { ${PLAN} } }
  }
}`);

interface Facet {
  readonly value: string;
  readonly count: number;
}
export const FACETS = document<
  {
    offerFacets: {
      total: number;
      types: Facet[];
      currencies: Facet[];
      resources: Facet[];
      labels: { label: string; values: Facet[] }[];
    };
  },
  { filter: object | null }
>(`query ($filter: OfferFilter) { offerFacets(filter: $filter) {
  total types { value count } currencies { value count } resources { value count } labels { label values { value count } }
} }`);

export const BUY = document<{ buy: ContractView }, { input: object }>(
  `mutation ($input: BuyInput!) { buy(input: $input) { ${CONTRACT} } }`,
);

export const CONTRACTS = document<
  { contracts: ContractView[] },
  Page & { role: string | null; state: string | null; peer: string | null }
>(`query ($first: Int!, $after: ID, $role: ContractRole, $state: ContractState, $peer: ID) {
  contracts(first: $first, after: $after, role: $role, state: $state, peer: $peer) { ${CONTRACT} }
}`);

export const CONTRACT_BY_ID = document<{ contract: SignedContractView }, ID>(`query ($id: ID!) { contract(id: $id) {
  ${CONTRACT} contract terms receipt activation notice timeline { state at actor message }
} }`);

export const CHANGED_CONTRACTS = document<{ contracts: ContractView }>(`subscription { contracts { ${CONTRACT} } }`);

export const APPROVE = document<{ approveContract: ContractView }, ID>(
  `mutation ($id: ID!) { approveContract(id: $id) { ${CONTRACT} } }`,
);

export const REJECT = document<{ rejectContract: ContractView }, ID & { reason: string | null }>(
  `mutation ($id: ID!, $reason: String) { rejectContract(id: $id, reason: $reason) { ${CONTRACT} } }`,
);

export const TERMINATE = document<{ terminateContract: ContractView }, ID & { reason: string | null; force: boolean }>(
  `mutation ($id: ID!, $reason: String, $force: Boolean!) {
    terminateContract(id: $id, reason: $reason, force: $force) { ${CONTRACT} }
  }`,
);

export const REHEARSE_END = document<{ rehearseEnd: RehearsalView }, ID>(
  "query ($id: ID!) { rehearseEnd(contractID: $id) { message whatToDo } }",
);

export const PEERINGS = document<{ peerings: PeeringView[] }>(`query { peerings { ${PEERING} } }`);

export const PEERING_OF = document<{ peering: PeeringView }, ID>(
  `query ($id: ID!) { peering(contractID: $id) { ${PEERING} } }`,
);

export const PEERING_MANIFESTS = document<{ peering: { message: string; manifests: string | null } }, ID>(
  "query ($id: ID!) { peering(contractID: $id) { message manifests } }",
);

export const CREATE_PEERING = document<{ createPeering: PeeringView }, ID & { network: boolean }>(
  `mutation ($id: ID!, $network: Boolean!) { createPeering(contractID: $id, network: $network) { ${PEERING} } }`,
);

export const DELETE_PEERING = document<{ deletePeering: PeeringView }, ID>(
  `mutation ($id: ID!) { deletePeering(contractID: $id) { ${PEERING} } }`,
);

export const KNOWN_CLUSTERS = document<{ knownClusters: { fingerprint: string; descriptor: string }[] }, Page>(
  "query ($first: Int!, $after: ID) { knownClusters(first: $first, after: $after) { fingerprint descriptor } }",
);

export const DIAGNOSTICS = document<{ diagnostics: FindingView[] }>(
  "query { diagnostics { check ok severity message whatToDo } }",
);
