import { InputInvalidError } from "@catalog/schema/problem";
import { parseDocument } from "yaml";
import type { PeeringAnswer } from "../../services/peerings/manifest.service.js";
import type {
  PeeringPhase,
  PeeringReport,
  PeeringStep,
  PeeringStepStatus,
} from "../../services/peerings/peering-ports.js";
import { kubectlYaml } from "../forge/kubectl-yaml.js";
import type { KubeObject } from "../kube/kube-api.js";

/** One step by hand: its name, and how far it is. */
export type HandStep = readonly [name: string, status: PeeringStepStatus, detail?: string];

/** A report of something that nobody here can look at. */
export function told(
  phase: PeeringPhase,
  message: string,
  whatToDo: string | null,
  steps: readonly HandStep[],
): Omit<PeeringReport, "state" | "released"> {
  const shown: PeeringStep[] = steps.map(([name, status, detail]) => ({
    name,
    status,
    detail: detail ?? null,
    object: null,
  }));
  return { phase, message, whatToDo, steps: shown, conditions: [], retryAfterMs: null };
}

/** What ends a line for any reader of YAML; kubectl goes by YAML 1.1. A comment with another of them would end there, and a peer's name go on as an object. */
const LINE_ENDS = /\r\n|[\n\r\u0085\u2028\u2029]/;

/** Objects as YAML for kubectl, with what is to be known about them above; the remarks are comments. */
export function manifestText(remarks: readonly string[], objects: readonly KubeObject[]): string {
  const comment = remarks.flatMap((remark) => remark.split(LINE_ENDS)).map((line) => `# ${line}`.trimEnd());
  return `${[...comment, ""].join("\n")}${kubectlYaml(objects)}`;
}

/** Refuses an answer. */
export function refusedAnswer(name: string, message: string): InputInvalidError {
  return new InputInvalidError([{ path: name, message }]);
}

/** The answer of a name without the space around it; undefined without one. */
export function answerOf(answers: readonly PeeringAnswer[], name: string): string | undefined {
  return answers.find((answer) => answer.name === name)?.value.trim();
}

/** @throws BAD_USER_INPUT for an answer to what was not asked. */
export function requireKnown(answers: readonly PeeringAnswer[], names: readonly string[]): void {
  const stranger = answers.find(({ name }) => !names.includes(name));
  if (stranger === undefined) return;
  const asked = names.length === 0 ? "nothing is asked now" : `asked now: ${names.join(", ")}`;
  throw refusedAnswer(stranger.name, `is not asked for; ${asked}.`);
}

/** An object that was pasted as kubectl prints it, YAML or JSON. @throws BAD_USER_INPUT for anything but one object of that kind. */
export function pastedObject(name: string, text: string, kind: string): KubeObject {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0) throw refusedAnswer(name, "is neither YAML nor JSON of one object.");
  const object = readObject(() => document.toJS({ maxAliasCount: 0 }) as unknown);
  if (object?.["kind"] !== kind) throw refusedAnswer(name, `must be the ${kind} as kubectl get … -o yaml prints it.`);
  return object as unknown as KubeObject;
}

function readObject(read: () => unknown): Readonly<Record<string, unknown>> | undefined {
  try {
    return fieldsOf(read());
  } catch {
    return undefined; // An alias in it; kubectl prints none.
  }
}

/** Members of an object, whatever was given. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function textIn(fields: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = fields[name];
  return typeof value === "string" ? value : null;
}
