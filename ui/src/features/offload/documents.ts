import type { ResultOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";

const OFFLOADING = connectorGraphql(`
  fragment OffloadingRow on Offloading @_unmask {
    contractID namespace phase message whatToDo lastError strategy mapping remoteNamespace manifests command created changed
  }
`);
/** A contract on which namespaces can run. */
const HOST = connectorGraphql(`
  fragment OffloadContract on Contract @_unmask {
    contractID role state enabled units validUntil resources
    offer { offerName } plan { planName }
    seller { fingerprint prettyName liqo { mode version } }
  }
`);

export const OFFLOADINGS = connectorGraphql(`query Offloadings { offloadings { ...OffloadingRow } }`, [OFFLOADING]);
export const OFFLOADINGS_CHANGED = connectorGraphql(
  `subscription OffloadingRows { offloadings { contractID namespace offloading { ...OffloadingRow } } }`,
  [OFFLOADING],
);
export const HOSTS = connectorGraphql(
  `query OffloadContracts($first: Int!, $after: ID) {
    contracts(first: $first, after: $after, role: BUYER, state: ACTIVE) { ...OffloadContract }
  }`,
  [HOST],
);
export const HOSTS_CHANGED = connectorGraphql(`subscription OffloadContractRows { contracts { ...OffloadContract } }`, [
  HOST,
]);

export const OFFLOAD = connectorGraphql(
  `mutation OffloadNamespace(
    $contractID: ID!, $namespace: String!, $strategy: PodOffloadingStrategy!,
    $mapping: NamespaceMapping!, $remoteNamespace: String
  ) {
    offloadNamespace(
      contractID: $contractID, namespace: $namespace, strategy: $strategy,
      mapping: $mapping, remoteNamespace: $remoteNamespace
    ) { contractID namespace phase message }
  }`,
);
export const STOP_OFFLOADING = connectorGraphql(
  `mutation StopOffloading($contractID: ID!, $namespace: String!) {
    stopOffloading(contractID: $contractID, namespace: $namespace) { contractID namespace phase }
  }`,
);

export type OffloadingRow = ResultOf<typeof OFFLOADING>;
export type Host = ResultOf<typeof HOST>;
