import { describe, expect, test } from "vitest";
import type { KubeObject } from "../kube/kube-api.js";
import {
  identity,
  nonceSecret,
  resourceSlice,
  signedNonceSecret,
  tenant,
  tenantNamespace,
  tenantRoleBinding,
} from "./handshake.js";
import { configuration, gatewayClient, gatewayServer, publicKey } from "./network.js";
import { cordonPatch, withDecision } from "./slice-status.js";
import { ClusterIDUnusableError, identityNameOf, sliceNameOf, sliceUserOf, tenantNamespaceOf } from "./tenant-names.js";

const place = { clusterID: "paris", fingerprint: "fp-paris", namespace: "liqo-tenant-paris" };
const labels = { "app.kubernetes.io/managed-by": "the-catalog", "liqo.io/remote-cluster-id": "paris" };
const annotations = { "the-catalog.io/peer": "fp-paris" };

describe("names", () => {
  test("of a usual id", () => {
    expect(tenantNamespaceOf("paris")).toBe("liqo-tenant-paris");
    expect(sliceNameOf("paris")).toBe("catalog-paris");
    expect(identityNameOf("paris")).toBe("controlplane-paris");
    expect(sliceUserOf("catalog-turin", "paris")).toBe("catalog-turin-1670f2e42fef");
  });

  test("of the longest id are valid and differ", () => {
    const [a, b] = [`${"x".repeat(62)}a`, `${"x".repeat(62)}b`];
    for (const name of [tenantNamespaceOf, sliceNameOf]) {
      expect(name(a)).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
      expect(name(a)).not.toBe(name(b));
    }
    expect(tenantNamespaceOf(`${"x".repeat(38)}-----${"y".repeat(20)}`)).toMatch(/^liqo-tenant-x+-[0-9a-f]{10}$/);
  });

  test.each(["", "Paris", "a_b", "-a", "a-", "a.b", "a b", "é", "a/../b", "x".repeat(64)])("%j cannot be one", (id) => {
    expect(() => tenantNamespaceOf(id)).toThrow(ClusterIDUnusableError);
    expect(() => sliceNameOf(id)).toThrow(ClusterIDUnusableError);
    expect(() => identityNameOf(id)).toThrow(ClusterIDUnusableError);
  });
});

describe("handshake", () => {
  test("namespace and the right to write in it", () => {
    expect(tenantNamespace("paris", "fp-paris")).toEqual({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "liqo-tenant-paris", labels: { ...labels, "liqo.io/tenant-namespace": "true" }, annotations },
    });
    expect(tenantRoleBinding(place, { namespace: "catalog", name: "connector", tenantRole: "catalog-tenant" })).toEqual(
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { name: "catalog-connector", namespace: "liqo-tenant-paris", labels, annotations },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "catalog-tenant" },
        subjects: [{ kind: "ServiceAccount", name: "connector", namespace: "catalog" }],
      },
    );
  });

  test("nonce and signed nonce", () => {
    expect(nonceSecret(place)).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "liqo-nonce",
        namespace: "liqo-tenant-paris",
        labels: { ...labels, "liqo.io/nonce": "true" },
        annotations,
      },
      type: "Opaque",
    });
    expect(signedNonceSecret(place, "bm9uY2U=")).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "liqo-signed-nonce",
        namespace: "liqo-tenant-paris",
        labels: { ...labels, "liqo.io/signed-nonce": "true" },
        annotations,
      },
      type: "Opaque",
      stringData: { nonce: "bm9uY2U=" },
    });
  });

  test("Tenant", () => {
    expect(tenant(place, { publicKey: "KEY", csr: "CSR", signature: "c2ln" })).toEqual({
      apiVersion: "authentication.liqo.io/v1beta1",
      kind: "Tenant",
      metadata: { name: "paris", namespace: "liqo-tenant-paris", labels, annotations },
      spec: {
        clusterID: "paris",
        publicKey: "S0VZ",
        csr: "Q1NS",
        signature: "c2ln",
        authzPolicy: "KeysExchange",
        tenantCondition: "Active",
      },
    });
  });

  test("Identity", () => {
    const authParams = { apiServer: "https://turin.example:6443", ca: "Y2E=", signedCRT: "Y3J0" };
    expect(identity(place, "liqo-tenant-me", authParams)).toEqual({
      apiVersion: "authentication.liqo.io/v1beta1",
      kind: "Identity",
      metadata: { name: "controlplane-paris", namespace: "liqo-tenant-paris", labels, annotations },
      spec: { clusterID: "paris", type: "ControlPlane", authParams, namespace: "liqo-tenant-me" },
    });
  });

  test("ResourceSlice", () => {
    expect(resourceSlice(place, "catalog", { cpu: "2" })).toEqual({
      apiVersion: "authentication.liqo.io/v1beta1",
      kind: "ResourceSlice",
      metadata: {
        name: "catalog-paris",
        namespace: "liqo-tenant-paris",
        labels: { ...labels, "liqo.io/replication": "true", "liqo.io/remoteID": "paris" },
        annotations: { ...annotations, "liqo.io/create-virtual-node": "true" },
      },
      spec: { class: "catalog", providerClusterID: "paris", resources: { cpu: "2" } },
    });
  });
});

describe("network", () => {
  const metadata = { name: "paris", namespace: "liqo-tenant-paris", labels, annotations };
  const apiVersion = "networking.liqo.io/v1beta1";

  test("Configuration, server, client, key", () => {
    const cidr = { pod: ["10.1.0.0/16"], external: ["10.70.0.0/16"] };
    expect(configuration(place, cidr)).toEqual({
      apiVersion,
      kind: "Configuration",
      metadata,
      spec: { remote: { cidr } },
    });
    expect(gatewayServer(place, "liqo", "NodePort")).toEqual({
      apiVersion,
      kind: "GatewayServer",
      metadata,
      spec: {
        mtu: 1340,
        endpoint: { port: 51840, serviceType: "NodePort" },
        serverTemplateRef: { apiVersion, kind: "WgGatewayServerTemplate", name: "wireguard-server", namespace: "liqo" },
      },
    });
    const endpoint = { addresses: ["203.0.113.7"], port: 30000, protocol: "UDP" as const };
    expect(gatewayClient(place, "liqo", endpoint)).toEqual({
      apiVersion,
      kind: "GatewayClient",
      metadata,
      spec: {
        mtu: 1340,
        endpoint,
        clientTemplateRef: { apiVersion, kind: "WgGatewayClientTemplate", name: "wireguard-client", namespace: "liqo" },
      },
    });
    expect(publicKey(place, "a2V5")).toEqual({
      apiVersion,
      kind: "PublicKey",
      metadata: { ...metadata, labels: { ...labels, "networking.liqo.io/gateway-resource": "true" } },
      spec: { publicKey: "a2V5" },
    });
  });
});

describe("status of a slice", () => {
  const authentication = { type: "Authentication", status: "Accepted", lastTransitionTime: "2026-01-01T00:00:00Z" };
  const slice: KubeObject = {
    apiVersion: "authentication.liqo.io/v1beta1",
    kind: "ResourceSlice",
    metadata: { name: "s", namespace: "n", resourceVersion: "7" },
    spec: { class: "catalog" },
    status: { authParams: { apiServer: "x" }, conditions: [authentication] },
  };
  const now = "2026-02-02T00:00:00Z";
  const accepted = {
    verdict: "Accepted" as const,
    resources: { memory: 2n ** 31n * 10n ** 9n, cpu: 1_500_000_000n, pods: 2_700_000_000n, "x.io/y": -5n },
    nodeLabels: { gpu: "a100" },
    message: "yes",
  };
  const resources = { cpu: "1500m", memory: "2Gi", pods: "2", "x.io/y": "0" };
  const condition = {
    type: "Resources",
    status: "Accepted",
    reason: "ResourceSliceResourcesAccepted",
    message: "yes",
    lastTransitionTime: now,
  };

  test("keeps what Liqo wrote, and the version", () => {
    expect(withDecision(slice, accepted, now)).toEqual({
      ...slice,
      status: {
        authParams: { apiServer: "x" },
        resources,
        nodeLabels: { gpu: "a100" },
        conditions: [authentication, condition],
      },
    });
  });

  test("the same decision is written once; its time is that of the first", () => {
    const first = withDecision(slice, accepted, now);
    if (first === undefined) throw new Error("no change");
    expect(withDecision(first, accepted, "2027-01-01T00:00:00Z")).toBeUndefined();
    const second = withDecision(first, { ...accepted, message: "still" }, "2027-01-01T00:00:00Z");
    expect(second?.status).toMatchObject({ conditions: [authentication, { ...condition, message: "still" }] });
  });

  test("denied", () => {
    expect(withDecision(slice, { verdict: "Denied", message: "no" }, now)?.status).toEqual({
      authParams: { apiServer: "x" },
      conditions: [
        authentication,
        {
          type: "Resources",
          status: "Denied",
          reason: "ResourceSliceResourcesDenied",
          message: "no",
          lastTransitionTime: now,
        },
      ],
    });
  });

  test("cordon", () => {
    expect(cordonPatch(true)).toEqual({
      metadata: { annotations: { "liqo.io/cordon": "true", "the-catalog.io/cordoned": "true" } },
    });
    expect(cordonPatch(false)).toEqual({
      metadata: { annotations: { "liqo.io/cordon": null, "the-catalog.io/cordoned": null } },
    });
  });
});
