import { isWhole } from "./extent.js";
import type { WriteMoment } from "./trade-proxy.js";
import type { Party } from "./trade-world.js";

/** When a Connector is killed: once each write is done and it has not been told; where there is time, before each write too. */
export const CRASH_MOMENTS: readonly WriteMoment["moment"][] = isWhole ? ["before", "after"] : ["after"];

/** Kills a Connector (SIGKILL) at each of its writes to its cluster, once for each of the {@link CRASH_MOMENTS}, and starts it again each time. */
export class Crashes {
  /** Where it was killed, in order: `before POST secrets`. */
  readonly points: string[] = [];
  #isDying = false;
  #restarted: Promise<void> = Promise.resolve();

  constructor(private readonly party: Party) {
    party.proxy.isCut = (moment) => this.#cut(moment);
  }

  /** No more of them, and the Connector is up. */
  async stop(): Promise<void> {
    this.party.proxy.isCut = () => false;
    await this.#restarted;
  }

  #cut({ write, moment }: WriteMoment): boolean {
    if (this.#isDying) return true;
    if (!CRASH_MOMENTS.includes(moment)) return false;
    const point = `${moment} ${write}`;
    if (this.points.includes(point)) return false;
    this.points.push(point);
    this.#isDying = true;
    this.#restarted = this.#restarted.then(() => this.#restart());
    return true;
  }

  async #restart(): Promise<void> {
    const { process } = this.party.connector;
    await process.kill();
    this.#isDying = false;
    await process.start();
  }
}
