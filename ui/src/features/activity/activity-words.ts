import { dateOf } from "../../lib/format/time.ts";
import type { ActivityFilter, ActivityRow } from "./documents.ts";

/** Who can have done something. */
export const ACTORS = ["admin", "script", "peer", "connector"] as const;

/** What can have been done, by what it was done to. */
export const ACTIONS = ["contract.", "offer.", "peering.", "offloading.", "broker.", "cluster.", "token."] as const;

/** Whether an entry is one that the server would give for a filter. */
export function fits(entry: ActivityRow, filter: ActivityFilter): boolean {
  const { text, actor, action, subject } = filter;
  if (!entry.message.toLowerCase().includes((text ?? "").toLowerCase())) return false;
  if (!entry.actor.startsWith(actor ?? "") || !entry.action.startsWith(action ?? "")) return false;
  return (subject ?? entry.subject) === entry.subject;
}

/** The filter of the server; null where nothing is asked for. */
export function filterOf(asked: Record<"q" | "actor" | "action" | "subject", string>): ActivityFilter | null {
  const filter = {
    text: asked.q.trim() || null,
    actor: asked.actor || null,
    action: asked.action || null,
    subject: asked.subject.trim() || null,
  };
  return Object.values(filter).every((value) => value === null) ? null : filter;
}

/** Who did it, as people say it. */
export function sayActor(actor: string): string {
  const [, kind = "", rest = ""] = /^(\S+)\s*(.*)$/.exec(actor) ?? [];
  if (kind === "connector") return "The Connector by itself";
  if (kind === "peer") return `Cluster ${rest.slice(0, 12)}…`;
  if (kind === "script") return `Script ${rest.replace(/ session$/, " (in a browser)")}`;
  if (kind === "admin") return rest === "session" ? "Admin (in a browser)" : "Admin";
  return actor;
}

/** Where the pages show what an entry is about; undefined where none does. */
export function linkOf({ action, subject }: Pick<ActivityRow, "action" | "subject">): string | undefined {
  const id = encodeURIComponent(subject);
  const [noun = ""] = action.split(".");
  switch (noun) {
    case "contract":
      return `/contracts/${id}`;
    case "offloading":
      return `/offload/${id}`;
    case "peering":
      return `/peerings?q=${id}`;
    case "offer":
      return action === "offer.withdrawn" ? "/offers" : `/offers/${id}`;
    case "offers":
      return "/offers";
    case "broker":
      return "/brokers";
    case "identity":
      return "/trust";
    case "cluster":
      return action === "cluster.trusted" || action === "cluster.untrusted" ? "/trust" : "/settings";
    case "allowance":
    case "capacity":
    case "token":
      return "/settings";
    default:
      return undefined;
  }
}

/** Some entries of one day, few enough to be shown or left out together. */
export interface Chunk {
  readonly key: string;
  /** The day, before its first entries only. */
  readonly day: string | undefined;
  readonly entries: readonly ActivityRow[];
}

/** Ids that one chunk spans at most. */
const SPAN = 50;

/**
 * Entries cut by day (in the reader's zone), and days into chunks. Where a chunk begins and ends depends on the ids alone, so
 * that those which are shown stay as they are when newer and older entries come.
 */
export function chunksOf(entries: readonly ActivityRow[]): readonly Chunk[] {
  const chunks: { key: string; day: string | undefined; entries: ActivityRow[] }[] = [];
  let day: string | undefined;
  for (const entry of entries) {
    const its = dateOf(entry.at);
    const key = `${its}/${Math.floor(Number(entry.id) / SPAN)}`;
    const last = chunks.at(-1);
    if (last?.key === key) last.entries.push(entry);
    else chunks.push({ key, day: its === day ? undefined : its, entries: [entry] });
    day = its;
  }
  return chunks;
}

/** Two lists, each newest first, as one without repetition. */
export function merged(a: readonly ActivityRow[], b: readonly ActivityRow[]): readonly ActivityRow[] {
  const byID = new Map([...a, ...b].map((entry) => [entry.id, entry]));
  return [...byID.values()].sort((one, other) => Number(other.id) - Number(one.id));
}
