import { describe, expect, it } from "vitest";
import {
  allowedActions,
  BUYER_NEXT,
  CONTRACT_EVENTS,
  CONTRACT_STATES,
  ContractStateInvalidError,
  eventOf,
  holdsStock,
  isEnded,
  nextState,
  SELLER_NEXT,
  type ContractRole,
  type ContractState,
} from "./contract.js";

/** Every state × every event, in the order of CONTRACT_EVENTS; "." is refused, "=" leaves the state as it is. */
const SELLER = `
                  DEFERRED         GRANTED  REFUSED  ACCEPTED  COSIGNED  ACTIVATED LAPSED  ENDED   CANCELLED  REPLACED
REQUESTED         PENDING_APPROVAL RESERVED REJECTED .         .         .         EXPIRED .       TERMINATED .
PENDING_APPROVAL  =                RESERVED REJECTED .         .         .         EXPIRED .       TERMINATED .
RESERVED          .                =        .        .         CONFIRMED .         EXPIRED .       TERMINATED .
CONFIRMING        .                .        .        .         .         .         .       .       .          .
CONFIRMED         .                .        .        .         =         ACTIVE    EXPIRED .       TERMINATED .
ACTIVE            .                .        .        .         =         =         .       EXPIRED TERMINATED RENEWED
REJECTED          =                =        =        =         =         =         =       =       =          =
EXPIRED           =                =        =        =         =         =         =       =       =          =
TERMINATED        =                =        =        =         =         =         =       =       =          =
RENEWED           =                =        =        =         =         =         =       =       =          =
`;
const BUYER = `
                  DEFERRED         GRANTED  REFUSED  ACCEPTED   COSIGNED  ACTIVATED LAPSED  ENDED   CANCELLED  REPLACED
REQUESTED         PENDING_APPROVAL RESERVED REJECTED .          .         .         EXPIRED .       TERMINATED .
PENDING_APPROVAL  =                RESERVED REJECTED .          .         .         EXPIRED .       TERMINATED .
RESERVED          .                =        REJECTED CONFIRMING .         .         EXPIRED .       TERMINATED .
CONFIRMING        .                =        REJECTED =          CONFIRMED .         EXPIRED .       TERMINATED .
CONFIRMED         .                .        REJECTED .          =         ACTIVE    EXPIRED EXPIRED TERMINATED .
ACTIVE            .                .        .        .          .         =         .       EXPIRED TERMINATED RENEWED
REJECTED          =                =        =        =          =         =         =       =       =          =
EXPIRED           =                =        =        =          =         =         =       =       =          =
TERMINATED        =                =        =        =          =         =         =       =       =          =
RENEWED           =                =        =        =          =         =         =       =       =          =
`;

function cellsOf(table: string): [state: string, event: string, after: string | undefined][] {
  const [head = [], ...rows] = table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  expect(head).toEqual([...CONTRACT_EVENTS]);
  expect(rows.map(([state]) => state)).toEqual([...CONTRACT_STATES]);
  return rows.flatMap(([state = "", ...cells]) =>
    cells.map((cell, i): [string, string, string | undefined] => {
      const after = cell === "=" ? state : cell;
      return [state, head[i] ?? "", cell === "." ? undefined : after];
    }),
  );
}

const ROLES: readonly ContractRole[] = ["BUYER", "SELLER"];

describe.each([
  ["SELLER", SELLER],
  ["BUYER", BUYER],
] as const)("the %s's table", (role, table) => {
  const cells = cellsOf(table);

  it("has a rule for each state and event", () => {
    expect(cells).toHaveLength(CONTRACT_STATES.length * CONTRACT_EVENTS.length);
  });

  it.each(cells)("%s × %s → %s", (state, event, after) => {
    const found = nextState(
      role,
      CONTRACT_STATES.find((one) => one === state) ?? "REQUESTED",
      CONTRACT_EVENTS.find((one) => one === event) ?? "DEFERRED",
    );
    expect(found).toBe(after);
  });

  it("only moves forward: no way leads back to a state that was left", () => {
    const next = role === "SELLER" ? SELLER_NEXT : BUYER_NEXT;
    const reachable = (from: ContractState, seen = new Set<ContractState>()): Set<ContractState> => {
      for (const to of Object.values(next[from])) {
        if (to === from || seen.has(to)) continue;
        seen.add(to);
        reachable(to, seen);
      }
      return seen;
    };
    for (const state of CONTRACT_STATES) expect(reachable(state).has(state)).toBe(false);
  });

  it("can be ended by either side from every state that is not ended", () => {
    for (const state of CONTRACT_STATES) {
      const isUsed = role === "BUYER" || state !== "CONFIRMING";
      if (isUsed) expect(nextState(role, state, "CANCELLED")).toBe(isEnded(state) ? state : "TERMINATED");
    }
  });
});

describe("the two sides together", () => {
  /** What both sides are, and how far the buyer's calls have gone: they may arrive long after they were sent. */
  interface Pair {
    readonly seller: ContractState;
    readonly buyer: ContractState;
    readonly sent: "RESERVE" | "CONFIRM" | "ACTIVATE";
  }

  function sellerMoves({ seller, buyer, sent }: Pair): ContractState[] {
    return CONTRACT_EVENTS.flatMap((event) => {
      if (event === "COSIGNED" && sent === "RESERVE") return [];
      if (event === "ACTIVATED" && sent !== "ACTIVATE") return [];
      if (event === "REPLACED" && buyer !== "ACTIVE") return [];
      return nextState("SELLER", seller, event) ?? [];
    });
  }

  function buyerMoves({ seller, buyer, sent }: Pair): Omit<Pair, "seller">[] {
    const own = (["ACCEPTED", "CANCELLED"] as const).flatMap((event) => nextState("BUYER", buyer, event) ?? []);
    const told = seller === "REQUESTED" ? buyer : read(seller, buyer);
    return [...own, told].map((after) => {
      if (after === "CONFIRMED") return { buyer: after, sent: "ACTIVATE" };
      return { buyer: after, sent: after === "CONFIRMING" ? "CONFIRM" : sent };
    });
  }

  /** The buyer's state after it has read the seller's. */
  function read(seller: ContractState, buyer: ContractState): ContractState {
    const event = eventOf(seller, buyer);
    const after = event && nextState("BUYER", buyer, event);
    if (after === undefined) throw new Error(`a buyer that is ${buyer} cannot read ${seller}`);
    return after;
  }

  it("never leave the buyer unable to follow, whatever is sent, lost or late", () => {
    const seen = new Map<string, Pair>();
    const waiting: Pair[] = [{ seller: "REQUESTED", buyer: "REQUESTED", sent: "RESERVE" }];
    for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
      const { seller, buyer, sent } = pair;
      const key = `${seller} ${buyer} ${sent}`;
      if (seen.has(key)) continue;
      seen.set(key, pair);
      for (const next of sellerMoves(pair)) waiting.push({ ...pair, seller: next });
      for (const next of buyerMoves(pair)) waiting.push({ seller, ...next });
    }
    for (const { seller, buyer } of seen.values()) {
      if (buyer === "ACTIVE") expect(seller === "ACTIVE" || isEnded(seller)).toBe(true);
      if (seller === "REQUESTED") continue;
      const after = read(seller, buyer);
      if (isEnded(seller)) expect(isEnded(after)).toBe(true);
      if (!isEnded(after)) expect(after === seller || (after === "CONFIRMING" && seller === "RESERVED")).toBe(true);
    }
    expect(new Set([...seen.values()].map(({ buyer }) => buyer))).toEqual(new Set(CONTRACT_STATES));
  });

  it("reads an end after the activation as ENDED and one before it as LAPSED", () => {
    expect(eventOf("EXPIRED", "ACTIVE")).toBe("ENDED");
    expect(eventOf("EXPIRED", "CONFIRMED")).toBe("LAPSED");
    expect(eventOf("REQUESTED", "REQUESTED")).toBeUndefined();
    expect(eventOf("CONFIRMING", "CONFIRMING")).toBeUndefined();
  });
});

describe("what a state means", () => {
  it("has ended", () => {
    expect(CONTRACT_STATES.filter(isEnded)).toEqual(["REJECTED", "EXPIRED", "TERMINATED", "RENEWED"]);
  });

  it("holds stock", () => {
    expect(CONTRACT_STATES.filter(holdsStock)).toEqual(["RESERVED", "CONFIRMED", "ACTIVE"]);
  });

  it("allows actions", () => {
    expect(allowedActions("SELLER", "PENDING_APPROVAL")).toEqual(["APPROVE", "REJECT"]);
    expect(allowedActions("BUYER", "PENDING_APPROVAL")).toEqual(["TERMINATE"]);
    for (const role of ROLES) {
      for (const state of CONTRACT_STATES) {
        const actions = allowedActions(role, state);
        expect(actions.length === 0).toBe(isEnded(state));
        if (state === "ACTIVE") expect(actions).toEqual(["TERMINATE"]);
      }
    }
  });

  it("allows only actions that the table has a way for", () => {
    const EVENT = { APPROVE: "GRANTED", REJECT: "REFUSED", TERMINATE: "CANCELLED" } as const;
    for (const state of CONTRACT_STATES.filter((one) => one !== "CONFIRMING")) {
      for (const action of allowedActions("SELLER", state)) {
        expect(nextState("SELLER", state, EVENT[action])).not.toBe(undefined);
        expect(nextState("SELLER", state, EVENT[action])).not.toBe(state);
      }
    }
  });

  it("is named by the error that refuses", () => {
    const error = new ContractStateInvalidError("c1", "RESERVED", "APPROVE");
    expect(error.code).toBe("CONTRACT_STATE_INVALID");
    expect(error.message).toMatch(/c1 is RESERVED.*APPROVE/);
  });
});
