import { CatalogError } from "@catalog/schema/errors";
import type { Contract } from "../../domain/contract.js";
import { isInForce } from "../../domain/contract.js";
import { seconds } from "../../domain/contract-change.js";
import { CONNECTOR_ACTOR, peerActor } from "../contracts/contract-ledger.js";
import type { Transact } from "../contracts/ledger-ports.js";
import { addToHistory, roleOf } from "./peering-record.js";
import type { PeeringEvent, PeeringUnit, Peering } from "./peering-store.js";
import { newPeering, peeringIDOf } from "./peering-task.js";

/** A peering and the contracts behind it. */
export interface PeeringView {
  readonly peering: Peering;
  readonly contracts: readonly Contract[];
}

/** What the admin sees of peerings and wants of them. Doing it is the reconciler's. */
export class PeeringService {
  constructor(
    private readonly transact: Transact<PeeringUnit>,
    /** Whether a contract that becomes active is peered at once, or waits for `createPeering`. */
    private readonly isAutomatic: boolean,
  ) {}

  /** Every peering, newest first. */
  list(): Promise<readonly PeeringView[]> {
    return this.transact(async (unit) => {
      const contracts = await unit.peerings.contracts();
      const isOf = (peering: Peering) => (contract: Contract) =>
        contract.role === roleOf(peering) && contract.counterparty === peering.peer.fingerprint;
      const peerings = await unit.peerings.list();
      return peerings.map((peering) => ({ peering, contracts: contracts.filter(isOf(peering)) }));
    });
  }

  /** The ids of the peerings with a cluster. */
  idsWith(clusterID: string): Promise<readonly string[]> {
    return this.transact((unit) => unit.peerings.idsWith(clusterID));
  }

  /** Undefined for an id that is not known. */
  find(peeringID: string): Promise<PeeringView | undefined> {
    return this.transact(async (unit) => {
      const peering = await unit.peerings.find(peeringID);
      return peering && viewOf(unit, peering);
    });
  }

  /** The peering that a contract entitles to. @throws CONTRACT_NOT_FOUND, NOT_FOUND if there is none (yet). */
  ofContract(contractID: string): Promise<PeeringView> {
    return this.transact(async (unit) => {
      const contract = await contractOf(unit, contractID);
      const peering = await unit.peerings.find(peeringIDOf(contract));
      if (peering === undefined) throw new CatalogError("NOT_FOUND", `Contract ${contractID} has no peering.`);
      return viewOf(unit, peering);
    });
  }

  events(peeringID: string): Promise<readonly PeeringEvent[]> {
    return this.transact((unit) => unit.peerings.events(peeringID));
  }

  /** Wants the peering of an active contract; repeated, nothing more. @throws CONTRACT_NOT_FOUND, CONTRACT_STATE_INVALID */
  create(contractID: string, hasNetwork: boolean, actor: string): Promise<PeeringView> {
    return this.want(contractID, actor, { isWanted: true, hasNetwork });
  }

  /** Takes the peering down although the contract goes on; repeated, nothing more. @throws CONTRACT_NOT_FOUND, CONTRACT_STATE_INVALID */
  remove(contractID: string, actor: string): Promise<PeeringView> {
    return this.want(contractID, actor, { isWanted: false });
  }

  /** Makes a peering for every party with whom contracts are in force, and returns the ids of all that may need work. */
  ensureAll(): Promise<readonly string[]> {
    return this.transact(async (unit) => {
      for (const contract of await unit.peerings.representatives()) await this.ensure(unit, contract);
      return (await unit.peerings.list()).map((peering) => peering.peeringID);
    });
  }

  /** The id of a contract's peering, which is made if it is the first; undefined while the contract entitles to none. */
  ensureFor(contractID: string): Promise<string | undefined> {
    return this.transact(async (unit) => {
      const contract = await unit.contracts.get(contractID);
      if (contract === undefined) return undefined;
      const isKnown = (await unit.peerings.find(peeringIDOf(contract))) !== undefined;
      if (!isKnown && !isInForce(contract, seconds(unit.now))) return undefined;
      return (await this.ensure(unit, contract)).peeringID;
    });
  }

  private async ensure(unit: PeeringUnit, contract: Contract): Promise<Peering> {
    const known = await unit.peerings.find(peeringIDOf(contract));
    if (known !== undefined) return known;
    const peering = newPeering(contract, this.isAutomatic, seconds(unit.now));
    await unit.peerings.save(peering);
    const cause = contract.role === "SELLER" ? peerActor(contract.counterparty) : CONNECTOR_ACTOR;
    await addToHistory(unit, peering, cause, `Contract ${contract.contractID} entitles to it.`);
    unit.changed("peering", peering.peeringID);
    unit.changed("peeringTurn", peering.peeringID);
    return peering;
  }

  private want(
    contractID: string,
    actor: string,
    wish: { readonly isWanted: boolean; readonly hasNetwork?: boolean },
  ): Promise<PeeringView> {
    return this.transact(async (unit) => {
      const contract = await contractOf(unit, contractID);
      requireCustomer(contract, seconds(unit.now));
      const before = await this.ensure(unit, contract);
      const after = { ...before, ...wish, changed: seconds(unit.now) };
      if (after.isWanted !== before.isWanted || after.hasNetwork !== before.hasNetwork) {
        await unit.peerings.save(after);
        const [action, text] = wish.isWanted ? ["peering.wanted", "is wanted"] : ["peering.unwanted", "is taken down"];
        const message = `Peering with ${after.peer.prettyName} ${text}`;
        await unit.activity.add({ actor, action, subject: after.peeringID, message });
        await addToHistory(unit, after, actor, message);
        unit.changed("peering", after.peeringID);
        unit.changed("peeringTurn", after.peeringID);
      }
      return viewOf(unit, after);
    });
  }
}

async function viewOf(unit: PeeringUnit, peering: Peering): Promise<PeeringView> {
  return { peering, contracts: await unit.peerings.contractsWith(roleOf(peering), peering.peer.fingerprint) };
}

async function contractOf(unit: PeeringUnit, contractID: string): Promise<Contract> {
  const contract = await unit.contracts.get(contractID);
  if (contract !== undefined) return contract;
  throw new CatalogError("CONTRACT_NOT_FOUND", `Contract ${contractID} is not known here.`, { contractID });
}

/** @throws CONTRACT_STATE_INVALID unless the contract is in force and was bought here: the provider's half follows the contract alone. */
function requireCustomer(contract: Contract, now: number): void {
  const { contractID, state, role } = contract;
  if (role === "SELLER") {
    const message = `Contract ${contractID} was sold here: its customer decides about the peering. To end what it may use, end the contract.`;
    throw new CatalogError("CONTRACT_STATE_INVALID", message, { contractID, role });
  }
  if (isInForce(contract, now)) return;
  const message = `Contract ${contractID} is ${state}; only an active contract entitles to a peering.`;
  throw new CatalogError("CONTRACT_STATE_INVALID", message, { contractID, state });
}
