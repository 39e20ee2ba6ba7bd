import { type Contract, isInForce } from "../../domain/contract.js";
import { seconds } from "../../domain/contract-change.js";
import { type EndFacts, type EndRehearsal, type PeerUsage, rehearseEnd } from "../../domain/end-rehearsal.js";
import { type GrantSettings, soldIn } from "../../domain/grant.js";
import { ContractNotFoundError } from "../contracts/contract.service.js";
import type { Transact } from "../contracts/ledger-ports.js";
import { sideOf } from "../peerings/peering-task.js";
import type { OffloadingDriver } from "./offloading-ports.js";
import type { OffloadingUnit } from "./offloading-store.js";

/** Says beforehand what the end of a contract would leave. */
export class RehearsalService {
  constructor(
    private readonly transact: Transact<OffloadingUnit>,
    private readonly driver: Pick<OffloadingDriver, "usage">,
    private readonly settings: GrantSettings,
  ) {}

  /** @throws CONTRACT_NOT_FOUND, and KubeError where the cluster cannot be read. Changes nothing. */
  async rehearse(contractID: string): Promise<EndRehearsal> {
    const { contract, facts } = await this.transact((unit) => this.read(unit, contractID));
    const usage = facts.isInForce ? await this.usageOf(contract) : NOTHING;
    return rehearseEnd({ ...facts, usage });
  }

  private usageOf(contract: Contract): Promise<PeerUsage | null> {
    const peer = contract.role === "BUYER" ? contract.seller : contract.buyer;
    return this.driver.usage(sideOf(contract), peer.clusterID);
  }

  private async read(
    unit: OffloadingUnit,
    contractID: string,
  ): Promise<{ readonly contract: Contract; readonly facts: Omit<EndFacts, "usage"> }> {
    const contract = await unit.contracts.get(contractID);
    if (contract === undefined) throw new ContractNotFoundError(contractID);
    const now = seconds(unit.now);
    const { role, counterparty } = contract;
    const peer = role === "BUYER" ? contract.seller : contract.buyer;
    const others = (await unit.peerings.contractsWith(role, counterparty)).filter(
      (other) => other.contractID !== contractID && isInForce(other, now) && !other.isRestored,
    );
    const facts = {
      contractID,
      role,
      partyName: peer.prettyName,
      isInForce: isInForce(contract, now),
      namespaces: await boundNamespaces(unit, contractID),
      others: others.map((other) => ({ contractID: other.contractID, gives: soldIn(other, this.settings) })),
    };
    return { contract, facts };
  }
}

/** A contract that is not in force has nothing to lose. */
const NOTHING: PeerUsage = { pods: [], volumes: [], services: [] };

async function boundNamespaces(unit: OffloadingUnit, contractID: string): Promise<EndFacts["namespaces"]> {
  const all = (await unit.offloadings.list()).filter((one) => one.isWanted);
  return all
    .filter((one) => one.contractID === contractID)
    .map(({ namespace }) => ({
      namespace,
      otherContractIDs: all
        .filter((one) => one.namespace === namespace && one.contractID !== contractID)
        .map((one) => one.contractID),
    }));
}
