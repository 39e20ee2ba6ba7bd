import type { Broker } from "../../domain/broker.js";
import type { BrokerUnit } from "./broker-ports.js";
import type { CatalogView } from "../catalog/catalog-view.js";
import type { Transact } from "../contracts/ledger-ports.js";
import type { ReplicaService } from "../catalog/replica.service.js";

/** What the activity list says about a change of a registration. */
export interface RegistryEntry {
  readonly actor: string;
  readonly action: string;
  readonly message: string;
}

/** The registrations with Brokers: the table, and the view in memory that follows it. */
export class BrokerRegistry {
  constructor(
    private readonly transact: Transact<BrokerUnit>,
    private readonly replica: ReplicaService,
    private readonly view: CatalogView,
  ) {}

  /** By name. */
  all(): Promise<readonly Broker[]> {
    return this.transact(({ brokers }) => brokers.all());
  }

  find(brokerID: string): Promise<Broker | undefined> {
    return this.transact(({ brokers }) => brokers.find(brokerID));
  }

  /** Saves what `build` makes of the database's time (Unix seconds). */
  save(build: (now: number) => Broker, entry: RegistryEntry): Promise<Broker> {
    return this.replica.inLane(async () => {
      const broker = await this.transact(async (unit) => {
        const built = build(Math.floor(unit.now.getTime() / 1000));
        await unit.brokers.save(built);
        await unit.activity.add({ ...entry, subject: built.brokerID });
        unit.changed("broker", built.brokerID);
        return built;
      });
      this.view.setBroker(broker);
      return broker;
    });
  }

  /** Forgets a Broker with everything that it lists. */
  remove(brokerID: string, entry: RegistryEntry): Promise<void> {
    return this.replica.inLane(async () => {
      await this.transact(async (unit) => {
        await unit.brokers.remove(brokerID);
        await unit.activity.add({ ...entry, subject: brokerID });
      });
      this.view.removeBroker(brokerID);
    });
  }
}
