import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Amounts } from "@catalog/schema/resource-list";
import { shareGrant } from "./share-grant.js";
import { lagsBehind, roomNow, type SliceClaim } from "./slice-room.js";

/** One slice of cpu alone: share, status, Quota. */
const claim = (share: bigint, granted: bigint, enforced = granted): SliceClaim => ({
  share: { cpu: share },
  granted: { cpu: granted },
  enforced: { cpu: enforced },
});
const roomsOf = (grant: bigint, ...claims: SliceClaim[]): unknown[] =>
  roomNow({ cpu: grant }, claims).map(({ cpu }) => cpu);

describe("what a slice may have now", () => {
  test.each<[string, bigint, SliceClaim[], bigint[]]>([
    ["all of its share, where nobody else has anything", 4n, [claim(4n, 0n)], [4n]],
    ["what it has", 4n, [claim(2n, 2n), claim(2n, 2n)], [2n, 2n]],
    ["less at once, whatever the others have", 4n, [claim(1n, 3n), claim(1n, 1n)], [1n, 1n]],
    ["more only once the other's status says less", 4n, [claim(1n, 3n), claim(3n, 1n)], [1n, 1n]],
    ["more only once the other's Quota says less", 4n, [claim(1n, 1n, 3n), claim(3n, 1n)], [1n, 1n]],
    ["more as far as the other's Quota has followed", 4n, [claim(1n, 1n, 2n), claim(3n, 1n)], [1n, 2n]],
    ["its share once the other's Quota has followed", 4n, [claim(1n, 1n), claim(3n, 1n)], [1n, 3n]],
    ["nothing, if it is new and another's Quota has all", 4n, [claim(0n, 0n, 4n), claim(4n, 0n)], [0n, 0n]],
    ["no more than beside what another is to have", 4n, [claim(3n, 0n), claim(1n, 0n)], [3n, 1n]],
    ["what it has, where Quotas hold more than the grant", 2n, [claim(1n, 1n, 9n), claim(1n, 0n)], [1n, 0n]],
    ["its own Quota's amount again, which takes nobody's", 4n, [claim(3n, 1n, 3n), claim(1n, 1n)], [3n, 1n]],
  ])("%s", (_, grant, claims, rooms) => {
    expect(roomsOf(grant, ...claims)).toEqual(rooms);
  });

  test("of each resource alone: one may grow where another waits", () => {
    const shrinking = { share: { cpu: 1n, memory: 3n }, granted: { cpu: 3n, memory: 1n }, enforced: {} };
    const growing = { share: { cpu: 3n, memory: 1n }, granted: { cpu: 1n, memory: 1n }, enforced: {} };
    expect(roomNow({ cpu: 4n, memory: 4n }, [shrinking, growing])).toEqual([
      { cpu: 1n, memory: 3n },
      { cpu: 1n, memory: 1n },
    ]);
  });

  test("a Quota lags behind while it says more than its slice is to have", () => {
    expect([claim(1n, 1n, 2n), claim(2n, 1n, 2n), claim(2n, 2n, 1n)].map(lagsBehind)).toEqual([true, false, false]);
  });
});

const SLICES = 3;
const NAMES = ["cpu", "memory"] as const;
const amount = fc.bigInt({ min: 0n, max: 12n });
const amounts = fc.record({ cpu: amount, memory: amount });
/** Of what is granted there is enough to quarrel about. */
const grants = fc.record({ cpu: fc.bigInt({ min: 4n, max: 12n }), memory: amount });
/** What happens next: a customer asks for something else, the controller decides, or Liqo lets one Quota follow its slice. */
const event = fc.oneof(
  fc.record({ kind: fc.constant("ask" as const), slice: fc.nat(SLICES - 1), ask: amounts }),
  fc.record({ kind: fc.constant("decide" as const) }),
  fc.record({ kind: fc.constant("follow" as const), slice: fc.nat(SLICES - 1) }),
);
const events = fc.array(event, { minLength: 30, maxLength: 60 });
type Happening = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** The slices of one customer with their Quotas, as Kubernetes holds them. */
class Namespace {
  private readonly asks: Amounts[] = Array.from({ length: SLICES }, () => ({}));
  private granted: Amounts[] = Array.from({ length: SLICES }, () => ({}));
  private readonly enforced: Amounts[] = Array.from({ length: SLICES }, () => ({}));

  constructor(private readonly grant: Amounts) {}

  happens(one: Happening): void {
    if (one.kind === "ask") this.asks[one.slice] = one.ask;
    else if (one.kind === "decide") this.decide();
    else this.enforced[one.slice] = this.granted[one.slice] ?? {};
  }

  settle(): void {
    for (let round = 0; round < SLICES + 1; round++) {
      this.decide();
      for (let slice = 0; slice < SLICES; slice++) this.happens({ kind: "follow", slice });
    }
  }

  shares(): readonly Amounts[] {
    const quantities = this.asks.map((ask) => Object.fromEntries(NAMES.map((name) => [name, `${ask[name] ?? 0n}n`])));
    return shareGrant(this.grant, quantities);
  }

  statuses(): readonly Amounts[] {
    return this.granted;
  }

  /** Of one resource, what all slices and what all Quotas have, and what both together could come to. */
  inAll(name: string): bigint {
    return this.granted.reduce((sum, granted, slice) => {
      const pair = [granted[name] ?? 0n, this.enforced[slice]?.[name] ?? 0n] as const;
      return sum + (pair[0] > pair[1] ? pair[0] : pair[1]);
    }, 0n);
  }

  private decide(): void {
    const claims = this.shares().map((share, slice) => ({
      share,
      granted: this.granted[slice] ?? {},
      enforced: this.enforced[slice] ?? {},
    }));
    this.granted = [...roomNow(this.grant, claims)];
  }
}

describe("whatever customers ask for, and whenever Liqo follows", () => {
  test("slices and Quotas never add up to more than the grant", () => {
    fc.assert(
      fc.property(grants, events, (grant, happenings) => {
        const namespace = new Namespace(grant);
        for (const one of happenings) {
          namespace.happens(one);
          for (const name of NAMES) expect(namespace.inAll(name)).toBeLessThanOrEqual(grant[name]);
        }
      }),
    );
  });

  test("everybody has its share once Liqo has followed", () => {
    fc.assert(
      fc.property(grants, events, (grant, happenings) => {
        const namespace = new Namespace(grant);
        for (const one of happenings) namespace.happens(one);
        namespace.settle();
        const shares = namespace.shares().map(({ cpu, memory }) => ({ cpu, memory }));
        expect(namespace.statuses().map(({ cpu, memory }) => ({ cpu, memory }))).toEqual(shares);
      }),
    );
  });
});
