import { anything, fields, flag, list, oneOf, text, textMap, texts, whole } from "../kubernetes/fixtures/schema.js";
import type { KubeObject } from "../kubernetes/rig/kube-object.js";

/**
 * Kinds of other projects that the charts make objects of, with exactly the fields that their references define and the charts use: a field
 * that is misspelled is refused by strict validation. Sources: the API references of the Prometheus operator, the Gateway API 1.2,
 * cert-manager 1.16 and CloudNativePG 1.25.
 */
export const FOREIGN_KINDS: readonly KubeObject[] = [
  kind("monitoring.coreos.com", "v1", "ServiceMonitor", "servicemonitors", {
    jobLabel: text(),
    selector: fields({ matchLabels: textMap }),
    endpoints: list(fields({ port: text(), path: text(), interval: text({ pattern: "^[0-9]+(ms|s|m)$" }) })),
  }),
  kind("monitoring.coreos.com", "v1", "PrometheusRule", "prometheusrules", {
    groups: list(
      fields(
        {
          name: text({ minLength: 1 }),
          rules: list(
            fields(
              {
                alert: text(),
                expr: text(),
                for: text({ pattern: "^[0-9]+m$" }),
                labels: textMap,
                annotations: textMap,
              },
              ["expr"],
            ),
          ),
        },
        ["name"],
      ),
    ),
  }),
  kind("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes", {
    ...route(),
    rules: list(
      fields({
        matches: list(
          fields({ path: fields({ type: oneOf("Exact", "PathPrefix", "RegularExpression"), value: text() }) }),
        ),
        backendRefs: list(backend()),
        timeouts: fields({ request: gatewayDuration(), backendRequest: gatewayDuration() }),
      }),
    ),
  }),
  kind("gateway.networking.k8s.io", "v1alpha2", "TLSRoute", "tlsroutes", {
    ...route(),
    rules: list(fields({ backendRefs: list(backend()) })),
  }),
  kind("cert-manager.io", "v1", "Certificate", "certificates", {
    secretName: text(),
    dnsNames: texts,
    privateKey: fields({
      algorithm: oneOf("RSA", "ECDSA", "Ed25519"),
      size: whole,
      rotationPolicy: oneOf("Never", "Always"),
    }),
    issuerRef: fields({ name: text(), kind: text(), group: text() }, ["name"]),
  }),
  kind("postgresql.cnpg.io", "v1", "Cluster", "clusters", {
    instances: whole,
    imageName: text(),
    bootstrap: fields({ initdb: fields({ database: text(), owner: text() }) }),
    storage: fields({ size: text(), storageClass: text() }),
    resources: anything,
    backup: fields({ barmanObjectStore: anything, volumeSnapshot: anything, retentionPolicy: text(), target: text() }),
  }),
  kind("postgresql.cnpg.io", "v1", "ScheduledBackup", "scheduledbackups", {
    schedule: text(),
    immediate: flag,
    suspend: flag,
    backupOwnerReference: oneOf("none", "self", "cluster"),
    cluster: fields({ name: text() }, ["name"]),
  }),
];

function kind(
  group: string,
  version: string,
  name: string,
  plural: string,
  spec: Parameters<typeof fields>[0],
): KubeObject {
  const isOfGateways = group === "gateway.networking.k8s.io";
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      // Groups below k8s.io are served only with this word of approval.
      ...(isOfGateways
        ? { annotations: { "api-approved.kubernetes.io": "https://github.com/kubernetes-sigs/gateway-api/pull/2997" } }
        : {}),
    },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind: name, plural, singular: name.toLowerCase(), listKind: `${name}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: fields({ spec: fields(spec) }, ["spec"]) },
        },
      ],
    },
  };
}

function route(): Parameters<typeof fields>[0] {
  return {
    parentRefs: list(fields({ name: text(), namespace: text(), sectionName: text(), port: whole }, ["name"])),
    hostnames: texts,
  };
}

function backend(): ReturnType<typeof fields> {
  return fields({ name: text(), port: whole }, ["name"]);
}

function gatewayDuration(): ReturnType<typeof text> {
  return text({ pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$" });
}
