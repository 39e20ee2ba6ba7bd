import { readFile } from "node:fs/promises";
import { at, textAt } from "./kube-object.js";

/** A request as the API server recorded it. */
export interface AuditedCall {
  readonly verb: string;
  readonly group: string;
  /** With its subresource. */
  readonly resource: string;
  readonly namespace: string | undefined;
  /** Undefined for lists, watches and what is being created. */
  readonly name: string | undefined;
  readonly isAllowed: boolean;
}

/** What makes an API server record each request of one user once, without bodies, and nothing of anybody else. */
export function auditPolicy(user: string): string {
  return JSON.stringify({
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    rules: [{ level: "Metadata", users: [user] }, { level: "None" }],
  });
}

/** The requests for resources in a file of such records. */
export async function auditedCalls(file: string): Promise<readonly AuditedCall[]> {
  const lines = (await readFile(file, "utf8")).split("\n");
  // The last line may be half written.
  return lines.slice(0, -1).flatMap((line) => {
    const event: unknown = JSON.parse(line);
    const plural = textAt(event, "objectRef", "resource");
    if (plural === undefined) return [];
    const subresource = textAt(event, "objectRef", "subresource");
    return [
      {
        verb: textAt(event, "verb") ?? "",
        group: textAt(event, "objectRef", "apiGroup") ?? "",
        resource: subresource === undefined ? plural : `${plural}/${subresource}`,
        namespace: textAt(event, "objectRef", "namespace"),
        name: textAt(event, "objectRef", "name"),
        isAllowed: at(event, "annotations", "authorization.k8s.io/decision") === "allow",
      },
    ];
  });
}
