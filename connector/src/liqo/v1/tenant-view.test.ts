import { expect, it } from "vitest";
import { FakeKube } from "../testing/fake-kube.js";
import { viewTenant } from "./tenant-view.js";
import { AUTHENTICATION, tenantNamespace } from "../forge/handshake.js";

it("does not count what Liqo made for a slice that is gone", async () => {
  const kube = new FakeKube();
  const namespace = (await kube.create(tenantNamespace("rome", "f"))).metadata.name;
  const slice = await kube.create({
    apiVersion: AUTHENTICATION,
    kind: "ResourceSlice",
    metadata: { name: "catalog-rome", namespace },
    spec: {},
  });
  const uid = slice.metadata.uid ?? "";
  const owner = { apiVersion: AUTHENTICATION, kind: "ResourceSlice", name: "catalog-rome", uid };
  await kube.create({
    apiVersion: AUTHENTICATION,
    kind: "Identity",
    metadata: { name: "resourceslice-catalog-rome", namespace, ownerReferences: [owner] },
  });
  await kube.create({
    apiVersion: AUTHENTICATION,
    kind: "Identity",
    metadata: { name: "controlplane-rome", namespace },
  });
  const look = async (): Promise<readonly string[]> => {
    const query = { clusterID: "rome", ownID: "milan", needsBinding: false, withNetwork: false };
    return (await viewTenant(kube, query)).identities.map(({ metadata }) => metadata.name);
  };
  expect(await look()).toEqual(["resourceslice-catalog-rome", "controlplane-rome"]);
  kube.objects.delete([...kube.objects].find(([, object]) => object.metadata.uid === uid)?.[0] ?? "");
  expect(await look()).toEqual(["controlplane-rome"]);
});
