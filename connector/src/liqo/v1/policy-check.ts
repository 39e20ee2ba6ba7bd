import type { KubeApi, KubeObject } from "../kube/kube-api.js";
import { KubeForbiddenError, KubeKindMissingError } from "../kube/kube.errors.js";
import { isSameJson } from "../forge/same-json.js";
import { EXEMPT, PARAMETERS, policyObjects, type PolicyOptions } from "../forge/policies.js";

/** What is wrong with a policy. */
export type PolicyProblemKind = "MISSING" | "DIFFERS" | "NOT_ENFORCED" | "BYPASS" | "UNSUPPORTED" | "UNREADABLE";

export interface PolicyProblem {
  /** Name of the policy or of its parameters. */
  readonly policy: string;
  readonly kind: PolicyProblemKind;
  /** One sentence: what a peer could do because of it. */
  readonly message: string;
  readonly whatToDo: string;
}

const APPLY = "Apply what `npm run policies` prints: npm run --silent policies | kubectl apply -f -";

/** What each policy keeps from happening. */
const RISKS: Readonly<Record<string, string>> = {
  "catalog-slice-class":
    "a peer can ask for the class `default`, which Liqo grants in full, and shed the labels of its slices",
  "catalog-slice-status": "a peer can write into its own slice what it is granted",
  "catalog-slice-csr": "a peer can have a certificate signed that makes it a member of any group",
  "catalog-connector-fence": "whoever takes over the Connector's account can reach the Secrets of other namespaces",
  [PARAMETERS]: "every slice of every peer is refused, because the policies cannot read their lists",
};

/**
 * Compares the policies in the cluster with those that should be there.
 * @param contracted ids of the clusters with an active contract: none of them may be exempt.
 * @returns nothing if a peer cannot get past the Connector.
 */
export async function policyProblems(
  kube: KubeApi,
  options: PolicyOptions,
  contracted: readonly string[],
): Promise<readonly PolicyProblem[]> {
  const problems: PolicyProblem[] = [];
  for (const wanted of policyObjects(options)) {
    try {
      problems.push(...problemsOf(wanted, await kube.get(refOf(wanted)), contracted));
    } catch (error) {
      if (error instanceof KubeKindMissingError) return [UNSUPPORTED];
      if (!(error instanceof KubeForbiddenError)) throw error;
      problems.push({
        policy: wanted.metadata.name,
        kind: "UNREADABLE",
        message: error.message,
        whatToDo: error.whatToDo,
      });
    }
  }
  return problems;
}

const UNSUPPORTED: PolicyProblem = {
  policy: "ValidatingAdmissionPolicy",
  kind: "UNSUPPORTED",
  message:
    "This cluster knows no validating admission policies, so nothing keeps a peer from taking more than it bought.",
  whatToDo: "Run Kubernetes 1.30 or newer, or sell only to clusters that you trust and set REQUIRE_POLICIES=false.",
};

function problemsOf(
  wanted: KubeObject,
  found: KubeObject | undefined,
  contracted: readonly string[],
): readonly PolicyProblem[] {
  const policy = wanted.metadata.name;
  const what =
    wanted.kind === "ConfigMap"
      ? "The parameters"
      : `The ${isBinding(wanted) ? "binding of policy" : "policy"} ${policy}`;
  const risk = RISKS[policy] ?? "a peer can get past the Connector";
  if (found === undefined || found.metadata.deletionTimestamp !== undefined)
    return [{ policy, kind: "MISSING", message: `${what} is missing: ${risk}.`, whatToDo: APPLY }];
  if (wanted.kind === "ConfigMap") return exemptProblems(policy, found, contracted);
  if (isSameJson(wanted.spec, found.spec)) return [];
  const isSoft = !isBinding(wanted) ? specOf(found)["failurePolicy"] !== "Fail" : !denies(found);
  return [
    {
      policy,
      kind: isSoft ? "NOT_ENFORCED" : "DIFFERS",
      message: `${what} ${isSoft ? "is not enforced" : "is not the one that belongs to this Connector"}: ${risk}.`,
      whatToDo: APPLY,
    },
  ];
}

function exemptProblems(policy: string, found: KubeObject, contracted: readonly string[]): readonly PolicyProblem[] {
  const lines = (found.data?.[EXEMPT] ?? "").split("\n").map((line) => line.trim());
  const both = contracted.filter((clusterID) => lines.includes(clusterID));
  if (both.length === 0) return [];
  return [
    {
      policy,
      kind: "BYPASS",
      message: `Exempt from the policies although they have contracts: ${both.slice(0, 10).join(", ")}. They can take more than they bought.`,
      whatToDo: `Remove them from the list "${EXEMPT}" of ConfigMap ${found.metadata.namespace ?? ""}/${policy}.`,
    },
  ];
}

function isBinding({ kind }: KubeObject): boolean {
  return kind === "ValidatingAdmissionPolicyBinding";
}

function denies(binding: KubeObject): boolean {
  const actions = specOf(binding)["validationActions"];
  return Array.isArray(actions) && actions.includes("Deny");
}

function specOf(object: KubeObject): Readonly<Record<string, unknown>> {
  return typeof object.spec === "object" && object.spec !== null ? { ...object.spec } : {};
}

function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject) {
  return { apiVersion, kind, name, namespace };
}
