import type { Party, PartyKind } from "./parties.ts";

/** A party and where it stands, in CSS pixels. */
export interface Place {
  readonly party: Party;
  readonly x: number;
  readonly y: number;
  /** Where its name stands; none where there are too many for names. */
  readonly label: "left" | "right" | "above" | "below" | "none";
  /** The widest that its name may be. */
  readonly labelWidth: number;
}

/** The whole map. Resources flow from providers over this cluster to customers: left to right, or downwards where it is narrow. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly isNarrow: boolean;
  readonly self: { readonly x: number; readonly y: number };
  readonly places: readonly Place[];
}

/** Below this width the map runs downwards. */
const NARROW = 620;
const MARGIN = 28;
/** Between two names below each other, between two marks without names. */
const ROW = 46;
const MARK = 24;
const LABEL = 190;
/** As many have names on one side; more become marks. */
const NAMED = 10;
const NAMED_NARROW = 3;
/** So many marks stand above each other before another row of them begins. */
const MARKS_PER_ROW = 16;

/** Places everybody around this cluster. Each has its own line to it, and no name lies on another. */
export function layoutOf(parties: readonly Party[], width: number): Layout {
  const of = (kind: PartyKind): readonly Party[] => parties.filter((party) => party.kind === kind);
  const groups = { brokers: of("broker"), providers: of("provider"), customers: of("customer") };
  return width < NARROW ? downwards(groups, width) : sideways(groups, width);
}

interface Groups {
  readonly brokers: readonly Party[];
  readonly providers: readonly Party[];
  readonly customers: readonly Party[];
}

function sideways({ brokers, providers, customers }: Groups, width: number): Layout {
  const tallest = Math.max(heightOf(providers.length), heightOf(customers.length), 92);
  const top = brokers.length > 0 ? 96 : 0;
  const height = top + tallest + 2 * MARGIN;
  const self = { x: width / 2, y: top + MARGIN + tallest / 2 };
  const step = Math.min(LABEL, (width - 2 * MARGIN) / Math.max(1, brokers.length));
  return {
    width,
    height,
    isNarrow: false,
    self,
    places: [
      ...brokers.map((party, n) => ({
        party,
        x: self.x + spread(n, brokers.length) * step,
        y: 58,
        label: step < 70 ? ("none" as const) : ("above" as const),
        labelWidth: step - 12,
      })),
      ...wing(providers, self, -1, width),
      ...wing(customers, self, 1, width),
    ],
  };
}

function heightOf(count: number): number {
  return count <= NAMED ? count * ROW : Math.ceil(count / rowsOf(count)) * MARK;
}

function rowsOf(count: number): number {
  return Math.ceil(count / (count > 6 * MARKS_PER_ROW ? Math.ceil(count / 6) : MARKS_PER_ROW));
}

/** One side: a shallow arc of names, or rows of marks that are shifted so that each keeps its own line. */
function wing(parties: readonly Party[], self: { x: number; y: number }, side: 1 | -1, width: number): Place[] {
  const isNamed = parties.length <= NAMED;
  const reach = width / 2 - MARGIN;
  const rows = rowsOf(parties.length);
  const step = isNamed ? ROW : MARK / rows;
  const labelWidth = Math.min(LABEL, reach * 0.45);
  return parties.map((party, n) => {
    const offset = spread(n, parties.length);
    const bend = parties.length > 2 ? (offset / (parties.length / 2)) ** 2 * 26 : 0;
    const far = isNamed
      ? reach - labelWidth - bend
      : reach * (rows === 1 ? 0.8 : 0.55 + (0.42 * (n % rows)) / (rows - 1));
    return {
      party,
      x: self.x + side * far,
      y: self.y + offset * step,
      label: isNamed ? (side < 0 ? "left" : "right") : "none",
      labelWidth,
    };
  });
}

function downwards({ brokers, providers, customers }: Groups, width: number): Layout {
  const columns = Math.max(1, Math.floor((width - 2 * MARGIN) / MARK));
  const depth = (count: number): number => {
    if (count === 0) return 0;
    return count <= NAMED_NARROW ? 70 : Math.ceil(count / columns) * MARK + 30;
  };
  const middle = Math.max(130, brokers.length * 58 + 20);
  const selfY = depth(providers.length) + middle / 2 + 10;
  const self = { x: brokers.length > 0 ? width * 0.6 : width / 2, y: selfY };
  return {
    width,
    height: depth(providers.length) + middle + depth(customers.length) + 20,
    isNarrow: true,
    self,
    places: [
      ...brokers.map((party, n) => ({
        party,
        x: 58,
        y: selfY - 8 + spread(n, brokers.length) * 58,
        label: "below" as const,
        labelWidth: 104,
      })),
      ...rank(providers, selfY - middle / 2, -1, width, columns),
      ...rank(customers, selfY + middle / 2, 1, width, columns),
    ],
  };
}

/** Those above or below this cluster: names beside each other, or rows of marks. */
function rank(parties: readonly Party[], edge: number, side: 1 | -1, width: number, columns: number): Place[] {
  const isNamed = parties.length <= NAMED_NARROW;
  const step = isNamed ? (width - 16) / Math.max(1, parties.length) : MARK;
  return parties.map((party, n) => {
    const row = isNamed ? 0 : Math.floor(n / columns);
    const inRow = isNamed ? parties.length : Math.min(columns, parties.length - row * columns);
    return {
      party,
      x: width / 2 + spread(isNamed ? n : n % columns, inRow) * step,
      y: edge + side * (isNamed ? 14 : 14 + row * MARK),
      label: isNamed ? (side < 0 ? "above" : "below") : "none",
      labelWidth: step - 8,
    };
  });
}

/** Place of one of `count` around the middle: -1, 0, 1 of three. */
function spread(n: number, count: number): number {
  return n - (count - 1) / 2;
}

export type Direction = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

/** What lies rather beside than ahead is gone to only where nothing lies ahead. */
const BESIDE = 100_000;

/** The nearest point in a direction, as an arrow key goes; undefined if there is none. */
export function nearest<P extends { readonly x: number; readonly y: number }>(
  points: readonly P[],
  from: { readonly x: number; readonly y: number },
  direction: Direction,
): P | undefined {
  const sign = direction === "ArrowRight" || direction === "ArrowDown" ? 1 : -1;
  const isAcross = direction === "ArrowLeft" || direction === "ArrowRight";
  let best: { point: P; cost: number } | undefined;
  for (const point of points) {
    const [ahead, aside] = isAcross ? [point.x - from.x, point.y - from.y] : [point.y - from.y, point.x - from.x];
    if (ahead * sign < 1) continue;
    const isBeside = Math.abs(aside) > 2 * Math.abs(ahead);
    const cost = Math.abs(ahead) + 2 * Math.abs(aside) + (isBeside ? BESIDE : 0);
    if (best === undefined || cost < best.cost) best = { point, cost };
  }
  return best?.point;
}

/** The line between a place and this cluster as an SVG path, drawn the way resources flow. */
export function lineOf({ party, x, y }: Place, { self, isNarrow }: Layout): string {
  const isUpright = isNarrow ? party.kind !== "broker" : party.kind === "broker";
  const bends = isUpright
    ? [`${round(x)} ${round((y + self.y) / 2)}`, `${round(self.x)} ${round((y + self.y) / 2)}`]
    : [`${round((x + self.x) / 2)} ${round(y)}`, `${round((x + self.x) / 2)} ${round(self.y)}`];
  const [there, here] = [`${round(x)} ${round(y)}`, `${round(self.x)} ${round(self.y)}`];
  return party.kind === "provider"
    ? `M ${there} C ${bends[0]}, ${bends[1]}, ${here}`
    : `M ${here} C ${bends[1]}, ${bends[0]}, ${there}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
