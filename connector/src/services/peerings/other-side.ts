import type { PeeringMessage, PeeringPhase } from "./peering-ports.js";
import type { Peering } from "./peering-store.js";
import type { OtherSide, SideView } from "./side-view.js";

const PHASES: readonly PeeringPhase[] = ["WAITING", "CONNECTING", "ESTABLISHED", "TAKING_DOWN", "GONE", "FAILED"];
const MAX_TEXT = 500;
const MAX_GRANTED = 64;
const RESOURCE = /^[A-Za-z0-9]([A-Za-z0-9._/-]{0,251}[A-Za-z0-9])?$/;
const QUANTITY = /^[0-9][0-9.]{0,30}([KMGTPE]i|[numkMGTPE]|e[0-9]{1,3})?$/;
/** How often the provider is asked for its side alone, in seconds: while the peering stands, and on the way there. */
const ASK_EVERY = { standing: 300, moving: 15 };
/** A time that is further ahead than this is no time, in seconds. */
const MAX_AHEAD = 600;

/** Reads how the other party says that its half stands; undefined for what does not say it. Nothing in it is believed, and no text is kept as long as it came. @param now Unix seconds. */
export function readSideView(value: unknown, now: number): SideView | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { phase, message, whatToDo, since, granted } = value as Readonly<Record<string, unknown>>;
  const known = PHASES.find((one) => one === phase);
  if (known === undefined) return undefined;
  const isTime = typeof since === "number" && Number.isSafeInteger(since) && since >= 0 && since <= now + MAX_AHEAD;
  return {
    phase: known,
    message: clean(message),
    whatToDo: clean(whatToDo) || null,
    since: isTime ? since : null,
    granted: quantitiesIn(granted),
  };
}

/** What this side tells the other. What has failed here is its own admin's business. */
export function ownSideView({ report, phaseSince }: Pick<Peering, "report" | "phaseSince">): Omit<SideView, "granted"> {
  if (report === null)
    return { phase: "WAITING", message: "Nobody has looked at it yet.", whatToDo: null, since: phaseSince };
  const { phase, message, whatToDo } = report;
  if (phase === "FAILED")
    return {
      phase,
      message: "Something has to be mended here; the admin is told what.",
      whatToDo: null,
      since: phaseSince,
    };
  return { phase, message: clean(message), whatToDo: clean(whatToDo) || null, since: phaseSince };
}

/** The provider's answer to a question about its side: what its driver says, with where the peering stands. */
export function withSide(reply: PeeringMessage, peering: Pick<Peering, "report" | "phaseSince">): PeeringMessage {
  const { message, ...side } = ownSideView(peering);
  return { message, ...reply, ...side };
}

/** Whether the provider should be asked for its side alone. @param askedAt when it was last asked or heard, Unix seconds. */
export function isQuestionDue(phase: PeeringPhase, askedAt: number, now: number): boolean {
  if (phase === "GONE") return false;
  return now - askedAt >= (phase === "ESTABLISHED" ? ASK_EVERY.standing : ASK_EVERY.moving);
}

/** Whether two views say the same, whenever they were heard. */
export function isSameSide(a: OtherSide | null, b: OtherSide | null): boolean {
  return JSON.stringify({ ...a, at: 0 }) === JSON.stringify({ ...b, at: 0 });
}

function quantitiesIn(granted: unknown): Readonly<Record<string, string>> {
  if (typeof granted !== "object" || granted === null || Array.isArray(granted)) return {};
  const entries = Object.entries(granted).filter(
    (entry): entry is [string, string] =>
      RESOURCE.test(entry[0]) && typeof entry[1] === "string" && QUANTITY.test(entry[1]),
  );
  return Object.fromEntries(entries.slice(0, MAX_GRANTED));
}

/** One line without characters that steer how it is shown. */
function clean(text: unknown): string {
  if (typeof text !== "string") return "";
  const line = text.slice(0, 4 * MAX_TEXT).replaceAll(/[\p{C}\s]+/gu, " ");
  return Array.from(line.trim()).slice(0, MAX_TEXT).join("");
}
