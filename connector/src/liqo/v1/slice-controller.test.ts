import { createLog } from "@catalog/server/log";
import { waitFor } from "@catalog/server/testing/wait-for";
import type { Amounts } from "@catalog/schema/resource-list";
import { parseQuantity } from "@catalog/schema/quantity";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { GrantSource } from "../../services/ports.js";
import type { KubeObject } from "../kube/kube-api.js";
import { KubeConflictError, KubeUnavailableError } from "../kube/kube.errors.js";
import { sliceUserOf } from "../forge/tenant-names.js";
import { SliceController } from "./slice-controller.js";
import { FakeKube } from "../testing/fake-kube.js";

const U = 1_000_000_000n;
const apiVersion = "authentication.liqo.io/v1beta1";

class FakeGrants implements GrantSource {
  readonly amounts = new Map<string, Amounts>();
  private readonly listeners = new Set<(clusterID: string) => void>();
  async grantOf(clusterID: string): Promise<Amounts> {
    return this.amounts.get(clusterID) ?? { cpu: 0n, memory: 0n, pods: 0n };
  }
  onChange(listener: (clusterID: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  set(clusterID: string, cpu: bigint): void {
    this.amounts.set(clusterID, { cpu: cpu * U, memory: 0n, pods: 10n * U });
    for (const listener of this.listeners) listener(clusterID);
  }
}

let kube: FakeKube;
let grants: FakeGrants;
let controller: SliceController;
let now: Date;
let stopping: AbortController;
let running: Promise<void>;

beforeEach(() => {
  kube = new FakeKube();
  grants = new FakeGrants();
  now = new Date("2026-01-01T00:00:00.123Z");
  controller = new SliceController(
    kube,
    grants,
    { ownID: "turin", className: "catalog", nodeLabelsOf: async () => ({}) },
    { now: () => now },
    createLog({ level: "silent", name: "test" }),
  );
  stopping = new AbortController();
  running = controller.run(stopping.signal);
});

afterEach(async () => {
  stopping.abort();
  await running;
});

function tenant(id: string, condition = "Active", namespace = `liqo-tenant-${id}`): void {
  const before = kube.peek({ apiVersion, kind: "Tenant", namespace, name: id });
  kube.put({
    apiVersion,
    kind: "Tenant",
    metadata: before?.metadata ?? { name: id, namespace },
    spec: { clusterID: id, tenantCondition: condition },
  });
}

function slice(
  name: string,
  cpu: string,
  namespace = "liqo-tenant-paris",
  changes: Partial<KubeObject> = {},
): KubeObject {
  return kube.put({
    apiVersion,
    kind: "ResourceSlice",
    metadata: { name, namespace },
    spec: { class: "catalog", providerClusterID: "turin", consumerClusterID: "milan", resources: { cpu } },
    status: { conditions: [{ type: "Authentication", status: "Accepted" }] },
    ...changes,
  });
}

interface Status {
  readonly conditions: readonly { readonly type: string; readonly status: string }[];
  readonly resources?: Readonly<Record<string, string>>;
}

function statusOf(name: string, namespace = "liqo-tenant-paris"): Status {
  return (kube.peek({ apiVersion, kind: "ResourceSlice", namespace, name })?.status ?? { conditions: [] }) as Status;
}

const resources = (name: string): Status["resources"] => statusOf(name).resources;
const verdict = (name: string): string | undefined =>
  statusOf(name).conditions.find(({ type }) => type === "Resources")?.status;

describe("the slice controller", () => {
  test("grants what the Tenant's cluster bought, whatever consumer the slice names", async () => {
    grants.set("paris", 4n);
    grants.set("milan", 100n);
    tenant("paris");
    slice("a", "99");
    await waitFor(() => resources("a")?.["cpu"] === "4");
    expect(statusOf("a").conditions).toContainEqual({ type: "Authentication", status: "Accepted" });
  });

  test.each(["cannot be written", "change all the time"])(
    "slices that %s keep nothing from being taken back",
    async (how) => {
      tenant("paris");
      grants.set("paris", 4n);
      slice("z-honest", "4");
      await waitFor(() => resources("z-honest")?.["cpu"] === "4");
      kube.before = (verb, ref) => {
        if (verb !== "update" || !("name" in ref) || ref.name !== "a-hostile") return;
        const call = { verb, resource: "resourceslices", object: "a-hostile" } as const;
        throw how === "cannot be written"
          ? new KubeUnavailableError(call, "etcdserver: request is too large")
          : new KubeConflictError(call, "modified");
      };
      slice("a-hostile", "1", "liqo-tenant-paris", {
        metadata: { name: "a-hostile", namespace: "liqo-tenant-paris", creationTimestamp: "2020-01-01T00:00:00Z" },
      });
      grants.set("paris", 0n);
      await waitFor(() => resources("z-honest")?.["cpu"] === "0");
      await waitFor(() => controller.risks().length === 1);
      const why = how === "cannot be written" ? "too large" : "change faster than they can be decided about";
      expect(controller.risks()[0]?.message).toMatch(
        new RegExp(`slices of paris cannot be decided about.*${why}`, "i"),
      );
      kube.before = () => undefined;
      await waitFor(() => controller.risks().length === 0);
    },
  );

  test("a slice that is touched all the time in nothing that counts is decided about at the first look", async () => {
    grants.set("paris", 4n);
    slice("a", "4");
    const ref = { apiVersion, kind: "ResourceSlice", namespace: "liqo-tenant-paris", name: "a" };
    let [touches, looks] = [0, 0];
    kube.before = (verb, { kind }) => {
      if (verb === "list" && kind === "ResourceSlice") looks++;
      const one = kube.peek(ref);
      if (verb !== "update" || one === undefined || touches === 8) return;
      kube.put({ ...one, metadata: { ...one.metadata, annotations: { touched: String(++touches) } } });
    };
    const looksUntilDecided = new Promise<number>((resolve) => {
      kube.after = () => verdict("a") !== undefined && resolve(looks);
    });
    tenant("paris");
    expect(await looksUntilDecided).toBe(1);
    expect([touches, resources("a")?.["cpu"]]).toEqual([8, "4"]);
  });

  test("a slice that asks for something else meanwhile is decided about anew", async () => {
    grants.set("paris", 4n);
    slice("a", "4");
    let isChanged = false;
    kube.before = (verb) => {
      if (verb !== "update" || isChanged) return;
      isChanged = true;
      slice("a", "1");
    };
    const given = new Set<unknown>();
    kube.after = () => given.add(resources("a")?.["cpu"]);
    tenant("paris");
    await waitFor(() => resources("a")?.["cpu"] === "1");
    expect(given, "what was decided about the former slice").not.toContain("4");
  });

  test("denies what was not bought, and grants it after the purchase", async () => {
    tenant("paris");
    slice("a", "1");
    await waitFor(() => verdict("a") === "Denied");
    grants.set("paris", 1n);
    await waitFor(() => verdict("a") === "Accepted");
  });

  test("follows the ledger up and down, with zeros and a cordon at the end", async () => {
    tenant("paris");
    grants.set("paris", 4n);
    slice("a", "9");
    await waitFor(() => resources("a")?.["cpu"] === "4");
    grants.set("paris", 2n);
    await waitFor(() => resources("a")?.["cpu"] === "2");
    grants.amounts.set("paris", { cpu: 0n, memory: 0n, pods: 0n });
    await controller.decide("paris");
    expect(resources("a")).toEqual({ cpu: "0", memory: "0", pods: "0" });
    expect(verdict("a")).toBe("Accepted");
    const ref = { apiVersion, kind: "ResourceSlice", namespace: "liqo-tenant-paris", name: "a" };
    expect(kube.peek(ref)?.metadata.annotations?.["liqo.io/cordon"]).toBe("true");
    grants.set("paris", 3n);
    await waitFor(
      () => resources("a")?.["cpu"] === "3" && kube.peek(ref)?.metadata.annotations?.["liqo.io/cordon"] === undefined,
    );
  });

  test("waits for Liqo's authentication, and for an active Tenant", async () => {
    grants.set("paris", 4n);
    tenant("paris", "Cordoned");
    slice("a", "1", undefined, { status: { conditions: [] } });
    await controller.decide("paris");
    expect(verdict("a")).toBeUndefined();
    slice("a", "1");
    await controller.decide("paris");
    expect(verdict("a")).toBeUndefined();
    tenant("paris", "Active");
    await waitFor(() => verdict("a") === "Accepted");
  });

  test("a status that a peer wrote itself is put right", async () => {
    grants.set("paris", 1n);
    tenant("paris");
    slice("a", "99");
    await waitFor(() => resources("a")?.["cpu"] === "1");
    const one = kube.peek({ apiVersion, kind: "ResourceSlice", namespace: "liqo-tenant-paris", name: "a" });
    if (one === undefined) throw new Error("gone");
    kube.put({
      ...one,
      metadata: { ...one.metadata, labels: {} },
      status: { ...statusOf("a"), resources: { cpu: "1000" } },
    });
    await waitFor(() => resources("a")?.["cpu"] === "1");
  });

  test("slices of one customer in two namespaces share one grant, and never more than it stands in them at any moment", async () => {
    grants.set("paris", 4n);
    tenant("paris");
    tenant("paris", "Active", "liqo-tenant-second");
    let most = 0n;
    kube.after = () => {
      const all = [...kube.objects.values()].filter(({ kind }) => kind === "ResourceSlice");
      const sum = all.reduce(
        (total, one) => total + parseQuantity((one.status as Status | undefined)?.resources?.["cpu"] ?? "0"),
        0n,
      );
      if (sum > most) most = sum;
    };
    slice("a", "3");
    slice("b", "3", "liqo-tenant-second");
    await waitFor(
      () => resources("a")?.["cpu"] === "3" && statusOf("b", "liqo-tenant-second").resources?.["cpu"] === "1",
    );
    slice("a", "1", undefined, {
      status: statusOf("a"),
      metadata: kube.peek({ apiVersion, kind: "ResourceSlice", namespace: "liqo-tenant-paris", name: "a" })
        ?.metadata ?? { name: "a" },
    });
    await waitFor(
      () => resources("a")?.["cpu"] === "1" && statusOf("b", "liqo-tenant-second").resources?.["cpu"] === "3",
    );
    expect(most).toBe(4n * U);
  });

  test("what Liqo has not taken back from one slice is not given to another; an admin is told of a Quota that does not follow", async () => {
    const ref = { apiVersion, kind: "ResourceSlice", namespace: "liqo-tenant-paris", name: "a" };
    const quota = (cpu: string): void => {
      const kind = { apiVersion: "offloading.liqo.io/v1beta1", kind: "Quota" };
      const metadata = { name: sliceUserOf("a", "paris"), namespace: "liqo-tenant-paris" };
      const before = kube.peek({ ...kind, ...metadata });
      kube.put({ ...kind, metadata: before?.metadata ?? metadata, spec: { resources: { cpu } } });
    };
    grants.set("paris", 4n);
    tenant("paris");
    slice("a", "4");
    await waitFor(() => resources("a")?.["cpu"] === "4");
    quota("4");
    slice("b", "3", undefined, {
      metadata: { name: "b", namespace: "liqo-tenant-paris", creationTimestamp: "2030-01-01T00:00:00Z" },
    });
    await waitFor(() => verdict("b") === "Denied");
    slice("a", "1", undefined, { metadata: kube.peek(ref)?.metadata ?? { name: "a" }, status: statusOf("a") });
    await waitFor(() => resources("a")?.["cpu"] === "1");
    await controller.decide("paris");
    expect(resources("b")).toBeUndefined();
    expect(controller.risks()).toEqual([]);
    now = new Date(now.getTime() + 60_000);
    expect(controller.risks()[0]?.message).toContain(`liqo-tenant-paris/${sliceUserOf("a", "paris")}`);
    quota("1");
    await waitFor(() => resources("b")?.["cpu"] === "3");
    expect(controller.risks()).toEqual([]);
  });

  test("conflicts and outages are gone through, and nothing is written that is written already", async () => {
    let failures = 7;
    kube.before = (verb, ref) => {
      if (verb !== "update" || failures-- <= 0) return;
      const one = kube.peek({ apiVersion, kind: "ResourceSlice", namespace: "liqo-tenant-paris", name: "a" });
      if (one !== undefined) kube.put(one); // somebody else was faster
      void ref;
    };
    grants.set("paris", 2n);
    tenant("paris");
    slice("a", "2");
    await waitFor(() => resources("a")?.["cpu"] === "2");
    kube.before = () => {
      throw new KubeUnavailableError({ verb: "list", resource: "x", object: "x" }, "down");
    };
    grants.set("paris", 1n);
    await waitFor(() => kube.calls > 0);
    kube.before = () => undefined;
    await waitFor(() => resources("a")?.["cpu"] === "1");
    await controller.decide("paris");
    const version = kube.peek({ apiVersion, kind: "ResourceSlice", namespace: "liqo-tenant-paris", name: "a" })
      ?.metadata.resourceVersion;
    await controller.decide("paris");
    expect(
      kube.peek({ apiVersion, kind: "ResourceSlice", namespace: "liqo-tenant-paris", name: "a" })?.metadata
        .resourceVersion,
    ).toBe(version);
  });
});
