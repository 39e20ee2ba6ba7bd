import { isIP } from "node:net";
import { choice, duration, flag, integer, list, text, url } from "@catalog/server/config-settings";
import { HOUR, MINUTE, SECOND } from "./units.js";

/** Reads an address range. */
function cidr(range: string): string {
  const [address = "", prefix = "", ...rest] = range.split("/");
  const bits = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
  if (rest.length > 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits)
    throw new Error("must hold address ranges such as 10.0.0.0/8");
  return range;
}

/** Reads `name=kubernetes-name`. */
function resourceName(pair: string): readonly [string, string] {
  const [name = "", kubernetesName = "", ...rest] = pair.split("=").map((part) => part.trim());
  if (name === "" || kubernetesName === "" || rest.length > 0)
    throw new Error("must hold pairs such as gpu=nvidia.com/gpu");
  return [name, kubernetesName];
}

const KUBE_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Who this cluster is and whom it may call. */
export const CLUSTER_SETTINGS = {
  liqoMode: choice({
    env: "LIQO_MODE",
    values: ["manual", "auto", "v0.8", "v0.9", "v1"],
    default: "manual",
    description:
      "How Liqo is driven. `manual`: parameters come from here, nothing is written to a cluster. `auto`: waits for Liqo and drives the version that it finds. `v0.8`: Liqo 0.7 and 0.8. `v0.9`: Liqo 0.9 and 0.10. `v1`: Liqo 1.x.",
  }),
  kubeconfig: text({
    env: "KUBECONFIG",
    description: "kubeconfig file of the cluster to drive. Without one, the login that Kubernetes gives to a pod.",
  }),
  liqoNamespace: text({
    env: "LIQO_NAMESPACE",
    default: "liqo",
    description: "Namespace of Liqo in this cluster.",
  }),
  liqoLook: duration({
    env: "LIQO_LOOK",
    default: 30 * SECOND,
    min: SECOND,
    description:
      "How often it is looked whether Liqo is still the one that is driven, with `LIQO_MODE=auto` and `v1`: it may have been upgraded, removed, or installed anew under another id.",
  }),
  peering: choice({
    env: "PEERING",
    values: ["auto", "on-request"],
    default: "auto",
    description: "`auto`: a contract that becomes active is peered at once. `on-request`: `createPeering` begins it.",
  }),
  peeringLook: duration({
    env: "PEERING_LOOK",
    default: 30 * SECOND,
    min: SECOND,
    description: "How often each peering is looked at although nothing has changed.",
  }),
  liqoClusterID: text({
    env: "LIQO_CLUSTER_ID",
    pattern: /^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/,
    hint: "must be a cluster id: letters, digits, dots and dashes",
    description: "Liqo's cluster id, with `LIQO_MODE=manual`. Without one it is derived from the key fingerprint.",
  }),
  liqoClusterName: text({
    env: "LIQO_CLUSTER_NAME",
    default: "catalog-cluster",
    pattern: /^[^\p{C}]{1,253}$/u,
    hint: "must have 1 to 253 printable characters",
    description: "Liqo's cluster name, with `LIQO_MODE=manual`.",
  }),
  liqoAuthEndpoint: text({
    env: "LIQO_AUTH_ENDPOINT",
    description: "Liqo address (Liqo 0.x) such as https://203.0.113.7, with `LIQO_MODE=manual`.",
  }),
  liqoAuthToken: text({
    env: "LIQO_AUTH_TOKEN",
    secret: true,
    description:
      "Liqo's token (Liqo 0.x), with `LIQO_MODE=manual`. Told to the customers of active contracts only, encrypted.",
  }),
  liqoPublicKey: text({
    env: "LIQO_PUBLIC_KEY",
    pattern: /^(-----BEGIN PUBLIC KEY-----[\sA-Za-z0-9+/=]+-----END PUBLIC KEY-----\s*|[A-Za-z0-9+/]{40,4096}={0,2})$/,
    hint: "must be a public key, PEM or its base64",
    description:
      "Public key of Liqo 1.x, with `LIQO_MODE=manual`: what `kubectl get secret authentication-keys -n liqo -o jsonpath='{.data.publicKey}'` prints. Without it no provider with Liqo 1.x lets this cluster in.",
  }),
  liqoVersion: text({
    env: "LIQO_VERSION",
    description:
      "Version of Liqo. It is read from the cluster where it is not set; with `LIQO_MODE=manual` nobody else can tell.",
  }),
  liqoClass: text({
    env: "LIQO_CLASS",
    default: "catalog",
    pattern: KUBE_NAME,
    hint: "must be a Kubernetes name",
    description: "Class of the ResourceSlices that are bought and sold, with `LIQO_MODE=v1`.",
  }),
  liqoGatewayService: choice({
    env: "LIQO_GATEWAY_SERVICE",
    values: ["LoadBalancer", "NodePort"],
    default: "LoadBalancer",
    description: "How the gateways of this cluster are reached where networks are connected, with `LIQO_MODE=v1`.",
  }),
  podNamespace: text({
    env: "POD_NAMESPACE",
    pattern: KUBE_NAME,
    hint: "must be a Kubernetes name",
    description:
      "Namespace of the Connector in its cluster, with `LIQO_MODE=v1`: its ServiceAccount is let into the namespace of each peer. Without one the Connector logs in with rights of its own, such as an admin's kubeconfig, and the policies are those made for `the-catalog`.",
  }),
  serviceAccount: text({
    env: "SERVICE_ACCOUNT",
    default: "catalog-connector",
    pattern: KUBE_NAME,
    hint: "must be a Kubernetes name",
    description: "ServiceAccount of the Connector in that namespace.",
  }),
  requirePolicies: flag({
    env: "REQUIRE_POLICIES",
    default: true,
    description:
      "Activate no sold contract while the policies of `npm run policies` are not in force, with `LIQO_MODE=v1`. Without them a customer can take more than it bought.",
  }),
  takeDownGrace: duration({
    env: "TAKE_DOWN_GRACE",
    default: 2 * MINUTE,
    description:
      "How long the customer of an ended contract has to leave before the provider takes the peering down alone, with `LIQO_MODE=v1`.",
  }),
  peeringPatience: duration({
    env: "PEERING_PATIENCE",
    default: MINUTE,
    min: SECOND,
    description:
      "How long a step of a peering may take before the admin is told what may be wrong, with `LIQO_MODE=v1`.",
  }),
  releasePatience: duration({
    env: "RELEASE_PATIENCE",
    default: 6 * HOUR,
    min: SECOND,
    description:
      "How long nothing must have moved in taking an ended contract down before the admin may free its stock by hand (`releaseContract`).",
  }),
  liqoPluginWire: choice({
    env: "LIQO_PLUGIN_WIRE",
    values: ["v0.8", "v0.9"],
    default: "v0.8",
    description:
      "What Liqo speaks on the gRPC port where `LIQO_MODE` does not say it: `v0.8` for 0.7 and 0.8, `v0.9` for 0.9 and 0.10.",
  }),
  nodePoolLabel: text({
    env: "NODE_POOL_LABEL",
    pattern: /^[A-Za-z0-9]([A-Za-z0-9._/-]{0,315}[A-Za-z0-9])?$/,
    hint: "must be the key of a label, such as example.com/pool",
    description:
      "Label of nodes that names their pool. It goes before those of Karpenter and of the managed Kubernetes of the large providers, which are known.",
  }),
  measureEvery: duration({
    env: "CAPACITY_EVERY",
    default: 30 * SECOND,
    min: SECOND,
    description:
      "How often nodes and pods are read for what MEASURED offers can sell. What is older than four times that counts as unknown.",
  }),
  podsPerContract: integer({
    env: "LIQO_PODS_PER_CONTRACT",
    default: 110,
    max: 1_000_000,
    description: "Pods that an active contract allows where its plan names none.",
  }),
  resourceNames: list({
    env: "LIQO_RESOURCE_NAMES",
    default: [
      ["storage", "ephemeral-storage"],
      ["gpu", "nvidia.com/gpu"],
    ] as readonly (readonly [string, string])[],
    defaultText: "`storage=ephemeral-storage,gpu=nvidia.com/gpu`",
    item: resourceName,
    description: "What resources of offers are called in Kubernetes; others keep their names.",
  }),
  prettyName: text({
    env: "CLUSTER_PRETTY_NAME",
    description:
      "The cluster's name for people, taken at first start if CONTRACT_ENDPOINT is set too; afterwards setClusterPrettyName changes it.",
  }),
  contractEndpoint: url({
    env: "CONTRACT_ENDPOINT",
    description:
      "Address at which other Connectors reach CONTRACT_PORT, taken at first start; afterwards setContractEndpoint changes it.",
  }),
  allowHttp: flag({
    env: "ALLOW_HTTP",
    default: false,
    description: "Call http addresses too, on loopback only. For demonstrations.",
  }),
  allowCidrs: list({
    env: "ALLOW_CIDRS",
    default: [],
    item: cidr,
    description: "Private address ranges in which other Connectors may be called, such as `10.0.0.0/8`.",
  }),
  denyCidrs: list({
    env: "DENY_CIDRS",
    default: [],
    item: cidr,
    description: "Address ranges that are never called, such as the pods and services of this cluster.",
  }),
};
