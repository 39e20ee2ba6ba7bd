import type { KubeApi, KubeObject } from "../kube/kube-api.js";
import { KubeForbiddenError, KubeKindMissingError } from "../kube/kube.errors.js";
import type { CsrKeyType } from "../csr-der.js";
import { isSameJson } from "../forge/same-json.js";
import { EXEMPT, PARAMETERS, policyObjects, RSA_PEERS, type PolicyOptions } from "../forge/policies.js";

/** What is wrong with a policy. BYPASS: one customer gets past it; SHUT_OUT: one customer is refused what it bought. */
export type PolicyProblemKind =
  "MISSING" | "DIFFERS" | "NOT_ENFORCED" | "BYPASS" | "SHUT_OUT" | "UNSUPPORTED" | "UNREADABLE";

/** Who has an active contract. */
export interface ContractedPeer {
  readonly clusterID: string;
  /** Kind of the key that the contract names; undefined for none that Liqo uses. */
  readonly keyType: CsrKeyType | undefined;
}

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
 * @param contracted the clusters with an active contract: none of them may be exempt, and each has to be listed as what its key is.
 * @returns nothing if a peer cannot get past the Connector.
 */
export async function policyProblems(
  kube: KubeApi,
  options: PolicyOptions,
  contracted: readonly ContractedPeer[],
): Promise<readonly PolicyProblem[]> {
  const problems: PolicyProblem[] = [];
  // Those for Liqo 1.x alone are stricter, so they will do as well.
  const stricter = policyObjects({ ...options, tokenNamespace: undefined });
  for (const [n, wanted] of policyObjects(options).entries()) {
    const accepted = [wanted.spec, stricter[n]?.spec];
    try {
      problems.push(...problemsOf(wanted, accepted, await kube.get(refOf(wanted)), contracted));
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
  accepted: readonly unknown[],
  found: KubeObject | undefined,
  contracted: readonly ContractedPeer[],
): readonly PolicyProblem[] {
  const policy = wanted.metadata.name;
  const what =
    wanted.kind === "ConfigMap"
      ? "The parameters"
      : `The ${isBinding(wanted) ? "binding of policy" : "policy"} ${policy}`;
  const risk = RISKS[policy] ?? "a peer can get past the Connector";
  if (found === undefined || found.metadata.deletionTimestamp !== undefined)
    return [{ policy, kind: "MISSING", message: `${what} is missing: ${risk}.`, whatToDo: APPLY }];
  if (wanted.kind === "ConfigMap") return listProblems(found, contracted);
  if (accepted.some((spec) => isSameJson(spec, found.spec))) return [];
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

/** What is wrong with the lists, given who has bought. */
function listProblems(found: KubeObject, contracted: readonly ContractedPeer[]): readonly PolicyProblem[] {
  const isIn = (list: string): ((peer: ContractedPeer) => boolean) => {
    const lines = (found.data?.[list] ?? "").split("\n").map((line) => line.trim());
    return ({ clusterID }) => lines.includes(clusterID);
  };
  const [isExempt, isListedRsa] = [isIn(EXEMPT), isIn(RSA_PEERS)];
  const where = `of ConfigMap ${found.metadata.namespace ?? ""}/${PARAMETERS}`;
  const wrong: readonly (readonly [
    PolicyProblemKind,
    (peer: ContractedPeer) => boolean,
    (ids: string) => string,
    string,
  ])[] = [
    [
      "BYPASS",
      isExempt,
      (ids) => `Exempt from the policies although they have contracts: ${ids}. They can take more than they bought.`,
      `Remove them from the list "${EXEMPT}" ${where}.`,
    ],
    [
      "BYPASS",
      (peer) => peer.keyType === "ed25519" && isListedRsa(peer),
      (ids) =>
        `Listed as RSA although their contracts name Ed25519 keys: ${ids}. That leaves room for a second organisation in their certificate requests, and so for the rights of any group.`,
      `Remove them from the list "${RSA_PEERS}" ${where}.`,
    ],
    [
      "SHUT_OUT",
      (peer) => peer.keyType === "rsa-2048" && !isListedRsa(peer),
      (ids) =>
        `Not listed as RSA although their contracts name RSA keys: ${ids}. Their ResourceSlices are refused, and nobody tells them why.`,
      `Add them to the list "${RSA_PEERS}" ${where}, one id a line.`,
    ],
  ];
  return wrong.flatMap(([kind, isWrong, message, whatToDo]) => {
    const ids = [...new Set(contracted.filter(isWrong).map(({ clusterID }) => clusterID))];
    if (ids.length === 0) return [];
    return [{ policy: PARAMETERS, kind, message: message(ids.slice(0, 10).join(", ")), whatToDo }];
  });
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
