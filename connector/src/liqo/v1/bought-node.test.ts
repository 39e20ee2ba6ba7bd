import { beforeEach, expect, test } from "vitest";
import type { KubeObject } from "../kube/kube-api.js";
import { FakeKube } from "../testing/fake-kube.js";
import { viewBoughtNode } from "./bought-node.js";

const query = { clusterID: "turin", namespace: "liqo-tenant-turin", slice: "catalog-turin" };
let kube: FakeKube;
beforeEach(() => (kube = new FakeKube()));

const says = (status: string): KubeObject =>
  kube.put({
    apiVersion: "core.liqo.io/v1beta1",
    kind: "ForeignCluster",
    metadata: { name: "turin" },
    status: { modules: { offloading: { conditions: [{ type: "OffloadingNodeStatus", status }] } } },
  });
const virtualNode = (name: string): KubeObject =>
  kube.put({
    apiVersion: "offloading.liqo.io/v1beta1",
    kind: "VirtualNode",
    metadata: { name, namespace: query.namespace },
    spec: { clusterID: "turin" },
  });
const node = (name: string, status: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "liqo.io/remote-cluster-id": "turin" } },
  status: { conditions: [{ type: "Ready", status }] },
});

test("Liqo's word counts where it says ready", async () => {
  says("Ready");
  expect(await viewBoughtNode(kube, query)).toEqual({ isReady: true, says: "Ready" });
});

test("a node by hand that is not ready does not make the bought one look so", async () => {
  says("SomeNotReady");
  virtualNode(query.slice);
  kube.put(node("by-hand", "False"));
  kube.put(node(query.slice, "True"));
  expect(await viewBoughtNode(kube, query)).toEqual({ isReady: true, says: "SomeNotReady" });
});

test("a node by hand that is ready does not stand for the bought one", async () => {
  says("SomeNotReady");
  virtualNode("by-hand");
  kube.put(node("by-hand", "True"));
  expect(await viewBoughtNode(kube, query)).toEqual({ isReady: false, says: "SomeNotReady" });
  virtualNode(query.slice);
  kube.put(node(query.slice, "False"));
  expect(await viewBoughtNode(kube, query)).toEqual({ isReady: false, says: "SomeNotReady" });
});

test("where Liqo says nothing, its virtual node is enough", async () => {
  expect(await viewBoughtNode(kube, query)).toEqual({ isReady: false, says: undefined });
  virtualNode("by-hand");
  expect(await viewBoughtNode(kube, query)).toEqual({ isReady: false, says: undefined });
  virtualNode(query.slice);
  expect(await viewBoughtNode(kube, query)).toEqual({ isReady: true, says: undefined });
});
