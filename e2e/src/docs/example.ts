import type { MachineLine } from "../fuzz/machine-line.js";
import type { Stranger } from "../fuzz/stranger.js";
import type { StrangerBuyer } from "../fuzz/stranger-purchase.js";
import type { RunningConnector } from "../harness/federation.js";
import type { RunningPart } from "../harness/federation.js";

/** Who sends an example, and with what it proves who it is. */
export type Caller =
  /** The admin of the provider's Connector. */
  | "turin"
  /** The admin of the customer's Connector. */
  | "paris"
  /** The operator of the Broker. */
  | "operator"
  /** Somebody who says nothing of itself. */
  | "anybody"
  /** A cluster, by a request proof: at the Broker. */
  | "member"
  /** A cluster, by a request proof: at the provider's contract endpoint. */
  | "customer";

export type Data = Readonly<Record<string, unknown>>;

/** One operation as somebody would send it; the test sends it. */
export interface Example {
  /** Such as `Query.offers`. */
  readonly operation: string;
  readonly caller: Caller;
  readonly query: string;
  /** What a reader has to know beside the description in the schema. */
  readonly note?: string;
  readonly variables?: (world: World) => Data | Promise<Data>;
  /** Additional headers. */
  readonly headers?: (world: World) => Readonly<Record<string, string>>;
  /** Makes the state that the example needs. */
  readonly before?: (world: World) => Promise<unknown>;
  /** Remembers what later examples need. */
  readonly after?: (world: World, data: Data) => unknown;
  /** Of a subscription: what makes it say something. */
  readonly trigger?: (world: World) => Promise<unknown>;
  /** Of a subscription: which message is shown; the first one unless given. */
  readonly until?: (data: Data) => boolean;
  /** True where the example shows how something is refused. */
  readonly refused?: true;
  /** True where the answer of another run may have other values: then only its shape is compared. */
  readonly varies?: true;
}

/** A running federation and what the examples have learnt of it. */
export interface World {
  readonly broker: RunningPart;
  readonly turin: RunningConnector;
  readonly paris: RunningConnector;
  /** A cluster that speaks for itself, without a Connector of ours. */
  readonly stranger: Stranger;
  /** Its connection to the Broker. */
  readonly line: MachineLine;
  /** The same cluster at Turin's contract endpoint. */
  readonly buyer: StrangerBuyer;
  /** Values of earlier answers, by name. */
  readonly seen: Map<string, unknown>;
}

/** A value of an earlier answer as text; throws if no example has told it. */
export function text(world: World, name: string): string {
  const value = world.seen.get(name);
  if (typeof value !== "string") throw new Error(`no example has told ${name}`);
  return value;
}

/** `data.a.b` of an answer. */
export function at(data: Data, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], data);
}
