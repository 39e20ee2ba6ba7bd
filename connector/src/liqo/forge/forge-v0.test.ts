import { describe, expect, it } from "vitest";
import type { KubeObject } from "../kube/kube-api.js";
import { authAddress } from "./auth-address.js";
import { foreignAuthUrlProblem } from "./foreign-auth-url.js";
import { foreignCluster } from "./foreign-cluster.js";
import { peerNameProblem } from "./kube-names.js";
import { namespaceOffloading, type OffloadingInput, selectorTerms } from "./namespace-offloading.js";
import { diagnoseIncoming, diagnoseOutgoing, readConditions } from "./peering-conditions.js";
import { tokenDigest, tokenPatch, tokenSecret } from "./token-secret.js";

const material = {
  clusterID: "id-of-turin",
  clusterName: "turin",
  authUrl: "https://turin.example.com",
  token: "secret-token",
  contractID: "c1",
};

describe("objects by value", () => {
  it("ForeignCluster", () => {
    expect(foreignCluster({ ...material, name: "turin", tokenDigest: "d1" })).toEqual({
      apiVersion: "discovery.liqo.io/v1alpha1",
      kind: "ForeignCluster",
      metadata: {
        name: "turin",
        labels: {
          "discovery.liqo.io/cluster-id": "id-of-turin",
          "discovery.liqo.io/discovery-type": "Manual",
          "catalog.liqo/owner": "connector",
          "catalog.liqo/token-digest": "d1",
        },
        annotations: { "catalog.liqo/contract": "c1" },
      },
      spec: {
        peeringType: "OutOfBand",
        clusterIdentity: { clusterID: "id-of-turin", clusterName: "turin" },
        foreignAuthUrl: "https://turin.example.com",
        foreignProxyUrl: "",
        outgoingPeeringEnabled: "Yes",
        incomingPeeringEnabled: "Auto",
        insecureSkipTLSVerify: true,
      },
    });
  });

  it("token Secret and its patch", () => {
    const metadata = {
      labels: {
        "discovery.liqo.io/cluster-id": "id-of-turin",
        "discovery.liqo.io/auth-token": "",
        "catalog.liqo/owner": "connector",
      },
      annotations: {
        "catalog.liqo/contract": "c1",
        "catalog.liqo/auth-url": "https://turin.example.com",
        "catalog.liqo/cluster-name": "turin",
      },
    };
    expect(tokenSecret("liqo", material)).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "remote-token-id-of-turin", namespace: "liqo", ...metadata },
      type: "Opaque",
      data: { token: "c2VjcmV0LXRva2Vu" },
    });
    expect(tokenPatch(material)).toEqual({ metadata, data: { token: "c2VjcmV0LXRva2Vu" } });
    expect(tokenDigest("a")).toMatch(/^[0-9a-f]{16}$/);
    expect(tokenDigest("a")).not.toBe(tokenDigest("b"));
  });

  const offloading: OffloadingInput = {
    apiVersion: "offloading.liqo.io/v1alpha1",
    namespace: "shop",
    contractIDs: ["c1"],
    providers: [{ clusterID: "id-of-turin", nodeLabels: {} }],
    strategy: "LocalAndRemote",
    mapping: "DefaultName",
    remoteNamespace: null,
  };
  it("NamespaceOffloading of 0.x, bound to one provider", () => {
    expect(namespaceOffloading(offloading)).toEqual({
      apiVersion: "offloading.liqo.io/v1alpha1",
      kind: "NamespaceOffloading",
      metadata: {
        name: "offloading",
        namespace: "shop",
        labels: { "catalog.liqo/owner": "connector" },
        annotations: { "catalog.liqo/contract": "c1" },
      },
      spec: {
        namespaceMappingStrategy: "DefaultName",
        podOffloadingStrategy: "LocalAndRemote",
        clusterSelector: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "liqo.io/remote-cluster-id", operator: "In", values: ["id-of-turin"] }] },
          ],
        },
      },
    });
  });

  it("NamespaceOffloading of 1.x, with a name over there and labels that cannot name another provider", () => {
    const nodeLabels = { "gpu-model": "A100", "liqo.io/remote-cluster-id": "id-of-milan" };
    const object = namespaceOffloading({
      ...offloading,
      apiVersion: "offloading.liqo.io/v1beta1",
      mapping: "SelectedName",
      remoteNamespace: "shop-paris",
      providers: [{ clusterID: "id-of-turin", nodeLabels }],
    });
    expect(object.spec).toMatchObject({
      remoteNamespaceName: "shop-paris",
      clusterSelector: {
        nodeSelectorTerms: [
          {
            matchExpressions: [
              { key: "gpu-model", operator: "In", values: ["A100"] },
              { key: "liqo.io/remote-cluster-id", operator: "In", values: ["id-of-turin"] },
            ],
          },
        ],
      },
    });
  });
});

describe("the nodes that a NamespaceOffloading chooses", () => {
  const turin = { clusterID: "id-of-turin", nodeLabels: {} };
  const milan = { clusterID: "id-of-milan", nodeLabels: {} };

  it("have one term for each provider, the same in whatever order contracts name them", () => {
    expect(selectorTerms([turin, milan, turin])).toEqual(selectorTerms([milan, turin]));
    expect(selectorTerms([turin, milan]).map((term) => term.matchExpressions[0]?.values[0])).toEqual([
      "id-of-milan",
      "id-of-turin",
    ]);
  });

  it("have one for each kind of node of one provider", () => {
    const gpu = { clusterID: "id-of-turin", nodeLabels: { model: "A100" } };
    expect(selectorTerms([turin, gpu])).toHaveLength(2);
  });
});

describe("addresses that a ForeignCluster accepts", () => {
  it.each([
    "https://203.0.113.7:32443",
    "https://auth.turin.cloud",
    "https://liqo-auth.liqo.svc.cluster.local",
    "https://a.b.museum/path",
    "https://turin.example.com:443",
  ])("%s", (url) => {
    expect(foreignAuthUrlProblem(url)).toBeUndefined();
  });
  it.each([
    "https://localhost:8443",
    "https://[2001:db8::1]",
    "https://auth.internal",
    "https://auth.technology",
    "https://localhost/a.b",
    "http://a.example.com",
    "https://u:p@a.example.com",
    "https://a.example.com/?x",
    "https://a.example.com/{}",
    "https://a.exa\nmple.com",
    " https://a.example.com",
    "nonsense",
    "",
  ])("%s does not do", (url) => {
    expect(foreignAuthUrlProblem(url)).toMatch(/\S/);
  });
});

it("refuses names that Kubernetes would not take", () => {
  expect(peerNameProblem({ clusterID: "8f2d-11", clusterName: "turin.prod" })).toBeUndefined();
  for (const clusterID of ["", "Turin", "a_b", "-a", "a/b", "x".repeat(64), "a b"])
    expect(peerNameProblem({ clusterID, clusterName: "turin" })).toContain("cluster id");
  for (const clusterName of ["", "Turin", "..", "a/../b", "x".repeat(254)])
    expect(peerNameProblem({ clusterID: "a", clusterName })).toContain("cluster name");
});

describe("the own address", () => {
  const service = (spec: object, annotations: Record<string, string> = {}, status: object = {}): KubeObject => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "liqo-auth", annotations },
    spec,
    status,
  });
  const node = (
    name: string,
    address: string,
    type = "InternalIP",
    labels: Record<string, string> = {},
    ready = "True",
  ): KubeObject => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    status: { addresses: [{ type, address }], conditions: [{ type: "Ready", status: ready }] },
  });
  const ports = [{ name: "https", port: 443, nodePort: 32_443 }];
  const virtual = node("liqo-x", "10.9.9.9", "ExternalIP", { "liqo.io/type": "virtual-node" });

  it.each<[string, KubeObject | undefined, KubeObject[], string | null]>([
    [
      "annotations win",
      service(
        { type: "LoadBalancer", ports },
        { "liqo.io/override-address": "a.example.com", "liqo.io/override-port": "8443" },
      ),
      [],
      "https://a.example.com:8443",
    ],
    [
      "annotation without a port",
      service({ type: "NodePort", ports }, { "liqo.io/override-address": "a.example.com" }),
      [],
      "https://a.example.com:32443",
    ],
    [
      "load balancer, 443 left out",
      service({ type: "LoadBalancer", ports }, {}, { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } }),
      [],
      "https://203.0.113.7",
    ],
    ["load balancer without an address", service({ type: "LoadBalancer", ports }), [], null],
    [
      "node port on a ready physical node",
      service({ type: "NodePort", ports }),
      [virtual, node("a", "10.0.0.1", "InternalIP", {}, "False"), node("b", "10.0.0.2")],
      "https://10.0.0.2:32443",
    ],
    [
      "external addresses first",
      service({ type: "NodePort", ports }),
      [node("a", "10.0.0.1"), node("b", "203.0.113.9", "ExternalIP")],
      "https://203.0.113.9:32443",
    ],
    ["only virtual nodes", service({ type: "NodePort", ports }), [virtual], null],
    ["inside only", service({ type: "ClusterIP", ports }), [], null],
    ["an annotation that is no address", service({ ports }, { "liqo.io/override-address": "a b" }), [], null],
    ["no Service", undefined, [], null],
  ])("%s", (_what, object, nodes, url) => {
    const found = authAddress(object, nodes);
    expect(found.url).toBe(url);
    if (found.url === null) expect(`${found.problem} ${found.whatToDo}`).toMatch(/\S{2,} .*\S/);
  });
});

describe("conditions", () => {
  const token = "0123456789abcdef".repeat(8);
  it("are read in a fixed order, without tokens and strangers, whatever is there", () => {
    const peeringConditions = [
      { type: "OutgoingPeering", status: "Pending" },
      { type: "AuthenticationStatus", status: "Error", reason: "IdentityError", message: `token ${token} and p.a-s-s` },
      { type: "Nonsense", status: "None" },
      7,
      null,
    ];
    expect(readConditions({ peeringConditions }, "p.a-s-s")).toEqual([
      {
        type: "AuthenticationStatus",
        status: "Error",
        reason: "IdentityError",
        message: "token [hidden] and [hidden]",
      },
      { type: "OutgoingPeering", status: "Pending", reason: "", message: "" },
    ]);
    for (const status of [undefined, null, 7, {}, { peeringConditions: "x" }])
      expect(readConditions(status)).toEqual([]);
  });

  const one = (type: string, status: string, reason = "", message = "") => [{ type, status, reason, message }];
  it.each([
    [one("ProcessForeignClusterStatus", "Error", "LocalCluster"), "NOT_PROCESSED"],
    [one("ProcessForeignClusterStatus", "Error", "ClusterIDRepetition"), "NOT_PROCESSED"],
    [one("ProcessForeignClusterStatus", "Error", "Other"), "NOT_PROCESSED"],
    [one("ProcessForeignClusterStatus", "Success"), "NONE"],
    [one("AuthenticationStatus", "Pending"), "AUTHENTICATING"],
    [one("AuthenticationStatus", "Established"), "NONE"],
    [
      one("AuthenticationStatus", "Error", "IdentityError", "403 stored and provided CSR do not match"),
      "IDENTITY_LOST",
    ],
    [one("AuthenticationStatus", "Denied"), "IDENTITY_REFUSED"],
    [one("OutgoingPeering", "Established"), "ESTABLISHED"],
    [one("OutgoingPeering", "Pending"), "WAITING_FOR_PROVIDER"],
    [one("OutgoingPeering", "Disconnecting"), "DISCONNECTING"],
    [one("OutgoingPeering", "Denied"), "ERROR"],
    [one("OutgoingPeering", "None"), "NONE"],
    [[...one("OutgoingPeering", "Pending"), ...one("NetworkStatus", "Error")], "NETWORK"],
    [[...one("OutgoingPeering", "Established"), ...one("NetworkStatus", "External")], "ESTABLISHED"],
    [[], "NONE"],
  ])("%j mean %s to a customer", (conditions, finding) => {
    expect(diagnoseOutgoing(conditions)).toMatchObject({ finding, message: expect.stringMatching(/^[A-Z].*[.a-z]$/) });
  });

  it.each([
    ["Established", "ESTABLISHED"],
    ["Pending", "WAITING_FOR_PROVIDER"],
    ["Disconnecting", "DISCONNECTING"],
    ["Error", "ERROR"],
    ["None", "NONE"],
  ])("IncomingPeering %s means %s to a provider", (status, finding) => {
    expect(diagnoseIncoming(one("IncomingPeering", status))).toMatchObject({ finding });
  });
});
