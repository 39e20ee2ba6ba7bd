import { stringify } from "yaml";
import { printable, type Terminal } from "./terminal.js";

export const FORMATS = ["table", "json", "yaml"] as const;
export type Format = (typeof FORMATS)[number];

/** A column of a table: its heading, and what stands in it. */
export type Column<Row> = readonly [heading: string, text: (row: Row) => string | number | null | undefined];

/** Prints results in the format that was asked for. */
export class Output {
  constructor(
    private readonly terminal: Terminal,
    readonly format: Format,
  ) {}

  /** A list, as a table of these columns or whole. */
  list<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): void {
    if (this.format !== "table") return this.data(rows);
    this.terminal.out(tableText(rows, columns));
  }

  /** One thing, as lines of these fields or whole. */
  one<Row>(row: Row, fields: readonly Column<Row>[]): void {
    if (this.format !== "table") return this.data(row);
    const width = Math.max(...fields.map(([heading]) => heading.length));
    const lines = fields.map(([heading, text]) => `${heading.padEnd(width)}  ${cell(text(row))}`.trimEnd());
    this.terminal.out(`${lines.join("\n")}\n`);
  }

  /** A sentence for people; nothing where a program reads. */
  say(text: string): void {
    if (this.format === "table") this.terminal.out(`${text}\n`);
  }

  /** Progress: never part of the result. */
  progress(text: string): void {
    this.terminal.err(`${text}\n`);
  }

  /** Text as it is, such as manifests. */
  raw(text: string): void {
    this.terminal.out(text.endsWith("\n") ? text : `${text}\n`);
  }

  private data(value: unknown): void {
    this.terminal.out(this.format === "json" ? `${JSON.stringify(value, undefined, 2)}\n` : stringify(value));
  }
}

function tableText<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = [
    columns.map(([heading]) => heading.toUpperCase()),
    ...rows.map((row) => columns.map(([, text]) => cell(text(row)))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => widthOf(line[i] ?? ""))));
  const lines = cells.map((line) =>
    line
      .map((text, i) => text + " ".repeat((widths[i] ?? 0) - widthOf(text)))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

const GRAPHEMES = new Intl.Segmenter();

/** Characters as people count them. */
function widthOf(text: string): number {
  return Array.from(GRAPHEMES.segment(text)).length;
}

function cell(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === "" ? "-" : printable(String(value));
}

/** Unix seconds as people write them, in UTC. */
export function moment(seconds: number | null | undefined): string | null {
  return seconds === null || seconds === undefined
    ? null
    : new Date(seconds * 1000).toISOString().replace("T", " ").replace(".000Z", "Z");
}

/** A resource list on one line. */
export function amounts(resources: Readonly<Record<string, string>>): string {
  return Object.entries(resources)
    .map(([name, quantity]) => `${name}=${quantity}`)
    .join(" ");
}
