import { generateKeyPairSync } from "node:crypto";
import { beforeEach, expect, it } from "vitest";
import { FakeKube } from "../testing/fake-kube.js";
import { V1Cluster } from "./v1-cluster.js";

const keys = generateKeyPairSync("ed25519", {
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const safety = { isSellingAllowed: true, risks: [] };
let kube: FakeKube;
let cluster: V1Cluster;

beforeEach(() => {
  kube = new FakeKube();
  cluster = new V1Cluster(
    kube,
    { liqoNamespace: "liqo", version: null, nodePoolLabel: null },
    { safety: () => safety },
  );
});

function identity(): void {
  kube.put({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "liqo-clusterid-configmap", namespace: "liqo" },
    data: { CLUSTER_ID: "rome" },
  });
}

function secret(): void {
  kube.put({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "authentication-keys", namespace: "liqo" },
    data: { privateKey: Buffer.from(keys.privateKey).toString("base64") },
  });
}

it("waits for the id and for the keys, and then tells the public one", async () => {
  await expect(cluster.parameters()).rejects.toThrow(/no cluster id/);
  identity();
  await expect(cluster.parameters()).rejects.toThrow(/no keys/);
  expect(cluster.liqo()).toEqual({ mode: "v1", version: null });
  secret();
  const parameters = { clusterID: "rome", clusterName: "rome", endpoint: null, token: null };
  expect(await cluster.parameters()).toEqual(parameters);
  expect(cluster.liqo()).toEqual({ mode: "v1", version: null, publicKey: keys.publicKey });
  expect(JSON.stringify([await cluster.parameters(), cluster.liqo()])).not.toContain("PRIVATE");
  kube.objects.clear();
  expect(await cluster.parameters()).toEqual(parameters);
});

it("names the peers that are there", async () => {
  expect(await cluster.existingPeers()).toEqual([]);
  kube.put({
    apiVersion: "core.liqo.io/v1beta1",
    kind: "ForeignCluster",
    metadata: { name: "milan" },
    spec: { clusterID: "milan" },
  });
  expect(await cluster.existingPeers()).toEqual(["milan"]);
});
