import { KEY_SIZES, PEM_FOOTER, PEM_HEADER, PEM_LINE, SIGNATURE_ALGORITHM, type CsrKeyType } from "../csr-der.js";
import type { KubeObject } from "../kube/kube-api.js";
import { NONCE_SECRET, SIGNED_NONCE_SECRET, TENANT_BINDING } from "./handshake.js";
import { MANAGED_BY, MANAGER, ORIGIN, REMOTE_CLUSTER, REPLICATED, REPLICATION } from "./tenant-labels.js";
import { TENANT_PREFIX } from "./tenant-names.js";
import { TOKEN_PREFIX } from "./token-secret.js";

export const ADMISSION = "admissionregistration.k8s.io/v1";
/** ConfigMap with the lists that the policies read: one cluster id a line. */
export const PARAMETERS = "catalog-policy-parameters";
/** Peers that were there before and are not held to our class. */
export const EXEMPT = "exempt";
/** Peers whose Liqo runs in TLS compatibility mode and so signs with RSA. */
export const RSA_PEERS = "rsa";
/** Group of every peer that Liqo lets in. */
const PEERS = "liqo.io";

/** What the policies are made for. */
export interface PolicyOptions {
  /** Namespace of the Connector, in which the parameters stand too. */
  readonly namespace: string;
  readonly serviceAccount: string;
  /** The class of ResourceSlice that is sold. */
  readonly className: string;
  /** ClusterRole that the Connector has in tenant namespaces. */
  readonly tenantRole: string;
  /** Cluster ids that are not held to the class. */
  readonly exempt: readonly string[];
  /** Cluster ids whose certificate requests are made with RSA. */
  readonly rsa: readonly string[];
  /** Secret in that namespace in which the Connector keeps its keys, where it does. */
  readonly identitySecret?: string | undefined;
  /** Namespace of Liqo, where the Connector may find Liqo 0.x as well, whose tokens it writes there. */
  readonly tokenNamespace?: string | undefined;
}

interface Validation {
  readonly expression: string;
  readonly message: string;
}

interface PolicyParts {
  readonly name: string;
  readonly rules: readonly object[];
  readonly conditions: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly validations: readonly Validation[];
  readonly hasParameters: boolean;
}

const IS_PEER = `"${PEERS}" in request.userInfo.groups`;

/** The four policies, their bindings and their parameters, ready to be applied by an admin. */
export function policyObjects(options: PolicyOptions): readonly KubeObject[] {
  return [policyParameters(options), ...policies(options).flatMap((parts) => [policy(parts), binding(parts, options)])];
}

/** The lists that the policies read; the only part that an admin edits later. */
export function policyParameters({ namespace, exempt, rsa }: PolicyOptions): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: PARAMETERS, namespace, labels: { [MANAGED_BY]: MANAGER } },
    data: { [EXEMPT]: exempt.join("\n"), [RSA_PEERS]: rsa.join("\n") },
  };
}

function policies(options: PolicyOptions): readonly PolicyParts[] {
  return [sliceClass(options), sliceStatus(), sliceRequest(), connectorFence(options)];
}

/** A peer asks for our class, for itself, under its own labels; without this, class `default` is granted in full by Liqo. */
function sliceClass({ className }: PolicyOptions): PolicyParts {
  const label = (name: string, value: string): string =>
    `"${name}" in variables.labels && variables.labels["${name}"] == ${value}`;
  return {
    name: "catalog-slice-class",
    rules: [rule("authentication.liqo.io", ["resourceslices"], ["CREATE", "UPDATE"])],
    conditions: {
      "peer-or-replica": `${IS_PEER} || (has(object.metadata.labels) && "${REPLICATED}" in object.metadata.labels)`,
    },
    variables: {
      isPeer: IS_PEER,
      labels: "has(object.metadata.labels) ? object.metadata.labels : {}",
      clusterID: `variables.isPeer ? request.userInfo.username : ("${ORIGIN}" in variables.labels ? variables.labels["${ORIGIN}"] : "")`,
      isExempt: listed(EXEMPT, "variables.clusterID"),
      isSpecKept:
        'request.operation == "UPDATE" && has(object.spec) == has(oldObject.spec) && (!has(object.spec) || object.spec == oldObject.spec)',
    },
    validations: [
      {
        expression: `variables.isExempt || (!variables.isPeer && variables.isSpecKept) || (has(object.spec) && has(object.spec.class) && object.spec.class == ${text(className)})`,
        message: `This cluster sells ResourceSlices of class ${className} only; buy in the Catalog.`,
      },
      {
        expression:
          '!variables.isPeer || !has(object.spec) || !has(object.spec.consumerClusterID) || object.spec.consumerClusterID == "" || object.spec.consumerClusterID == request.userInfo.username',
        message: "A ResourceSlice names another consumer than its writer.",
      },
      {
        expression: `!variables.isPeer || variables.isExempt || (${label(REPLICATED, '"true"')} && ${label(ORIGIN, "request.userInfo.username")} && ${label(REMOTE_CLUSTER, "request.userInfo.username")} && (!("${REPLICATION}" in variables.labels) || variables.labels["${REPLICATION}"] == "false"))`,
        message: "A ResourceSlice must carry the labels of its consumer.",
      },
    ],
    hasParameters: true,
  };
}

/** What a slice is granted is not for the customer to write, although Liqo's role lets it. */
function sliceStatus(): PolicyParts {
  return {
    name: "catalog-slice-status",
    rules: [rule("authentication.liqo.io", ["resourceslices/status"], ["CREATE", "UPDATE"])],
    conditions: { peer: IS_PEER },
    variables: {},
    validations: [{ expression: "false", message: "The provider alone says what a ResourceSlice is granted." }],
    hasParameters: false,
  };
}

/** A peer's certificate request is exactly as large as the one that Liqo makes, which leaves no room for a second organisation. */
function sliceRequest(): PolicyParts {
  return {
    name: "catalog-slice-csr",
    rules: [rule("authentication.liqo.io", ["resourceslices"], ["CREATE", "UPDATE"])],
    conditions: { peer: IS_PEER, "has-request": 'has(object.spec) && has(object.spec.csr) && object.spec.csr != ""' },
    variables: {
      isKept:
        'request.operation == "UPDATE" && has(oldObject.spec) && has(oldObject.spec.csr) && oldObject.spec.csr == object.spec.csr',
      isRsa: listed(RSA_PEERS, "request.userInfo.username"),
      ...sizeVariables(),
    },
    validations: [
      {
        expression: "variables.isKept || size(object.spec.csr) == variables.field",
        message: "The certificate request of a ResourceSlice is not the one that Liqo makes for its name.",
      },
    ],
    hasParameters: true,
  };
}

/** What the right to create Secrets and RoleBindings could be abused for, were the Connector's account taken over. */
function connectorFence(options: PolicyOptions): PolicyParts {
  const { namespace, serviceAccount, tenantRole } = options;
  const user = `system:serviceaccount:${namespace}:${serviceAccount}`;
  const writes = ["CREATE", "UPDATE"];
  const isWrite = writes.map((operation) => `request.operation == "${operation}"`).join(" || ");
  return {
    name: "catalog-connector-fence",
    rules: [
      rule("", ["namespaces", "secrets"], [...writes, "DELETE"]),
      rule("rbac.authorization.k8s.io", ["rolebindings"], [...writes, "DELETE"]),
    ],
    conditions: { connector: `request.userInfo.username == ${text(user)}` },
    variables: { isWrite, isOwnSecret: ownSecret(options) },
    validations: [
      {
        expression: `variables.isOwnSecret || (request.resource.resource == "namespaces" ? request.name : request.namespace).startsWith("${TENANT_PREFIX}")`,
        message: `The Connector may do this only in namespaces that begin with ${TENANT_PREFIX}.`,
      },
      {
        expression: `request.resource.resource != "secrets" || !variables.isWrite || ((!has(object.type) || object.type == "Opaque") && (variables.isOwnSecret || object.metadata.name in ["${NONCE_SECRET}", "${SIGNED_NONCE_SECRET}"]))`,
        message:
          "The Connector may write only Secrets of type Opaque, and only those that are its own or of Liqo's handshake.",
      },
      {
        expression: `request.resource.resource != "rolebindings" || !variables.isWrite || (object.metadata.name == "${TENANT_BINDING}" && object.roleRef.kind == "ClusterRole" && object.roleRef.name == ${text(tenantRole)} && has(object.subjects) && object.subjects.all(subject, subject.kind == "ServiceAccount" && subject.name == ${text(serviceAccount)} && subject.?namespace.orValue("") == ${text(namespace)}))`,
        message: "The Connector may bind only its own role for tenants to itself.",
      },
    ],
    hasParameters: false,
  };
}

/** CEL: whether it is about the Secret with the Connector's keys, which it never removes, or about a token for Liqo 0.x. */
function ownSecret({ namespace, identitySecret, tokenNamespace }: PolicyOptions): string {
  const isSecret = 'request.resource.resource == "secrets"';
  const own = [
    ...(identitySecret === undefined
      ? []
      : [
          `(${isSecret} && variables.isWrite && request.namespace == ${text(namespace)} && request.name == ${text(identitySecret)})`,
        ]),
    ...(tokenNamespace === undefined
      ? []
      : [
          `(${isSecret} && request.namespace == ${text(tokenNamespace)} && request.name.startsWith("${TOKEN_PREFIX}"))`,
        ]),
  ];
  return own.length === 0 ? "false" : own.join(" || ");
}

function policy({ name, rules, conditions, variables, validations, hasParameters }: PolicyParts): KubeObject {
  return {
    apiVersion: ADMISSION,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name, labels: { [MANAGED_BY]: MANAGER } },
    spec: {
      failurePolicy: "Fail",
      ...(hasParameters ? { paramKind: { apiVersion: "v1", kind: "ConfigMap" } } : {}),
      matchConstraints: { matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {}, resourceRules: rules },
      matchConditions: named(conditions),
      ...(Object.keys(variables).length > 0 ? { variables: named(variables) } : {}),
      validations,
    },
  };
}

function binding({ name, hasParameters }: PolicyParts, { namespace }: PolicyOptions): KubeObject {
  const paramRef = { name: PARAMETERS, namespace, parameterNotFoundAction: "Deny" };
  return {
    apiVersion: ADMISSION,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name, labels: { [MANAGED_BY]: MANAGER } },
    spec: { policyName: name, validationActions: ["Deny"], ...(hasParameters ? { paramRef } : {}) },
  };
}

function rule(apiGroup: string, resources: readonly string[], operations: readonly string[]): object {
  return { apiGroups: [apiGroup], apiVersions: ["*"], operations, resources, scope: "*" };
}

function named(expressions: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(expressions).map(([name, expression]) => ({ name, expression }));
}

/** A text of CEL. Every text that comes here is a Kubernetes name, so JSON's way of writing it is CEL's. */
function text(value: string): string {
  return JSON.stringify(value);
}

/** CEL: whether a line of that list is this id. */
function listed(list: string, id: string): string {
  return `has(params.data) && "${list}" in params.data && params.data["${list}"].split("\\n").exists(line, line.trim() == ${id} && line.trim() != "")`;
}

/**
 * CEL for the size of the field `csr`, the same arithmetic as {@link import("../csr-der.js").csrFieldSize}: DER lengths of the two names, of
 * the request around them, then base64 in PEM, then base64 once more. The common name is `<slice>-<12 hex digits>`, the organisation the
 * customer's id.
 */
function sizeVariables(): Readonly<Record<string, string>> {
  const header = (content: string): string => `(${content} < 128 ? 2 : (${content} < 256 ? 3 : 4))`;
  const wrapped = (content: string): string => `${content} + ${header(content)}`;
  const sizes = (type: CsrKeyType): { key: number; rest: number } => ({
    key: KEY_SIZES[type].publicKey,
    // Algorithm, and the signature as a bit string: tag, length, count of unused bits.
    rest: SIGNATURE_ALGORITHM[type].length + KEY_SIZES[type].signature + 1 + (KEY_SIZES[type].signature < 127 ? 2 : 4),
  });
  const [ed, rsa] = [sizes("ed25519"), sizes("rsa-2048")];
  const base64 = (bytes: string): string => `(${bytes} + 2) / 3 * 4`;
  return {
    cn: "size(object.metadata.name) + 13",
    o: "size(request.userInfo.username)",
    cnText: `5 + ${wrapped("variables.cn")}`,
    oText: `5 + ${wrapped("variables.o")}`,
    cnSequence: wrapped("variables.cnText"),
    oSequence: wrapped("variables.oText"),
    names: `${wrapped("variables.cnSequence")} + ${wrapped("variables.oSequence")}`,
    info: `3 + ${wrapped("variables.names")} + (variables.isRsa ? ${rsa.key} : ${ed.key}) + 2`,
    content: `${wrapped("variables.info")} + (variables.isRsa ? ${rsa.rest} : ${ed.rest})`,
    request: wrapped("variables.content"),
    lines: base64("variables.request"),
    pem: `${PEM_HEADER.length + PEM_FOOTER.length} + variables.lines + (variables.lines + ${PEM_LINE - 1}) / ${PEM_LINE}`,
    field: base64("variables.pem"),
  };
}
