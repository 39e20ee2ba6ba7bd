import type { BrokerUnit } from "../services/brokers/broker-ports.js";
import type { UnitBase } from "../services/contracts/ledger-ports.js";
import { BrokerRepository } from "./broker.repository.js";
import { IdentityRepository } from "./identity.repository.js";
import { ReplicaRepository } from "./replica.repository.js";
import type { Sql } from "./sql.js";
import { TrustRepository } from "./trust.repository.js";

/** The repositories of Brokers, replica and identities, bound to one transaction. */
export function brokerUnit(tx: Sql, base: UnitBase): BrokerUnit {
  return {
    ...base,
    brokers: new BrokerRepository(tx),
    identities: new IdentityRepository(tx),
    replica: new ReplicaRepository(tx),
    trust: new TrustRepository(tx),
  };
}
