import { CatalogError } from "@catalog/schema/errors";
import { beforeEach, describe, expect, it } from "vitest";
import { FakeKube } from "../testing/fake-kube.js";
import { OwnClusterReader } from "./own-cluster.js";

let kube: FakeKube;
let reader: OwnClusterReader;
let probed: string[];
let answer: () => { clusterID: string; clusterName: string };
let now = 0;

beforeEach(() => {
  kube = new FakeKube();
  probed = [];
  now = 0;
  answer = () => ({ clusterID: "id-1", clusterName: "turin" });
  const probe = {
    whoIs: async (url: string) => {
      probed.push(url);
      return answer();
    },
  };
  reader = new OwnClusterReader(kube, "liqo", probe, () => now);
  kube.put({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "auth-token", namespace: "liqo" },
    data: { token: Buffer.from("s3cret").toString("base64") },
  });
  configMap("liqo-clusterid-configmap");
  service({ "liqo.io/override-address": "turin.example.com" });
});

function configMap(name: string): void {
  kube.put({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "liqo", labels: { "app.kubernetes.io/name": "clusterid-configmap" } },
    data: { CLUSTER_ID: "id-1", CLUSTER_NAME: "turin" },
  });
}

function service(annotations: Record<string, string>): void {
  kube.put({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "liqo-auth", namespace: "liqo", annotations },
    spec: { type: "LoadBalancer", ports: [{ name: "https", port: 443 }] },
  });
}

describe("the own parameters", () => {
  it("are read from Liqo's objects and checked at the address itself, once a minute", async () => {
    const parameters = {
      clusterID: "id-1",
      clusterName: "turin",
      endpoint: "https://turin.example.com",
      token: "s3cret",
    };
    expect(await reader.parameters()).toEqual(parameters);
    expect(await reader.read()).toMatchObject({ problems: [] });
    expect(probed).toEqual(["https://turin.example.com"]);
    now = 60_000;
    await reader.read();
    expect(probed).toHaveLength(2);
  });

  it("are found by the ConfigMap's label where it has another name", async () => {
    kube.objects.clear();
    configMap("my-clusterid");
    expect(await reader.read()).toMatchObject({ clusterID: "id-1", authUrl: null, token: null });
    kube.objects.clear();
    await expect(reader.read()).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it.each<[string, () => void, RegExp]>([
    [
      "no token",
      () => void kube.remove({ apiVersion: "v1", kind: "Secret", namespace: "liqo", name: "auth-token" }),
      /auth-token holds no token/,
    ],
    ["no address", () => service({}), /no address for peers/],
    [
      "an address that a ForeignCluster refuses",
      () => service({ "liqo.io/override-address": "auth.internal" }),
      /Peers cannot use the address https:\/\/auth\.internal/,
    ],
    [
      "another cluster at the address",
      () => (answer = () => ({ clusterID: "id-2", clusterName: "x" })),
      /answers the cluster id-2/,
    ],
    [
      "nobody at the address",
      () =>
        (answer = () => {
          throw new CatalogError("PEER_UNREACHABLE", "timeout");
        }),
      /does not answer at https:\/\/turin\.example\.com: timeout/,
    ],
  ])("say what stands in the way: %s", async (_what, arrange, message) => {
    arrange();
    const { problems } = await reader.read();
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(message);
    expect(problems[0]?.whatToDo).toMatch(/\S/);
    expect(JSON.stringify(problems)).not.toContain("s3cret");
  });
});
