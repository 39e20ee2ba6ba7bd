import { at, type KubeObject, textAt } from "../rig/kube-object.js";

/** Whether a node is chosen by a NodeSelector: one of its terms holds; no term at all chooses every node. */
export function matchesSelector(node: KubeObject, selector: unknown): boolean {
  const terms = listAt(selector, "nodeSelectorTerms");
  return (
    terms.length === 0 || terms.some((term) => listAt(term, "matchExpressions").every((rule) => holds(node, rule)))
  );
}

function holds(node: KubeObject, rule: unknown): boolean {
  const value = node.metadata.labels?.[textAt(rule, "key") ?? ""];
  const values = listAt(rule, "values");
  const operator: string = textAt(rule, "operator") ?? "";
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}

function listAt(value: unknown, field: string): readonly unknown[] {
  const found = at(value, field);
  return Array.isArray(found) ? (found as unknown[]) : [];
}
