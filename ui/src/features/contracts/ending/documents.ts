import type { ResultOf } from "gql.tada";
import { connectorGraphql } from "../../../lib/graphql/connector.ts";

export const REHEARSE_END = connectorGraphql(`
  query RehearseEnd($contractID: ID!) {
    rehearseEnd(contractID: $contractID) {
      contractID role looked message whatToDo inUse remaining excess otherContractIDs
      pods { total items { namespace name node requests } }
      volumes { total items { namespace name size storageClass } }
      services { total items { namespace name endpoints otherEndpoints } }
      namespaces { total items { namespace otherContractIDs } }
    }
  }
`);

export type EndRehearsal = ResultOf<typeof REHEARSE_END>["rehearseEnd"];
