import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ownStockOf } from "../federation/operations.js";
import type { HostileCustomer } from "./hostile-customer.js";
import { HostileWorld, SOON, STOCK } from "./hostile-world.js";
import { policyObjects } from "./rig/connector-account.js";
import type { KubeClient } from "./rig/kube-client.js";
import { at, type KubeObject, type ObjectRef, textAt } from "./rig/kube-object.js";
import { KubeStatusError } from "./rig/kube-status.error.js";
import { SliceOverseer } from "./slice-overseer.js";
import { LABEL, QUOTA, SLICE, sliceCondition, sliceUser, TENANT } from "./stand-in/v1/kinds.js";

const POLICY = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy" };
const BINDING = { ...POLICY, kind: "ValidatingAdmissionPolicyBinding" };
/** What a unit gives; pods are those of a contract, however many units it has. */
const sold = (units: number, contracts: number) => ({
  cpu: String(2 * units),
  memory: `${4 * units}Gi`,
  pods: String(110 * contracts),
});
/** What a customer would like to have. */
const ABSURD = { cpu: "1000", memory: "1Ti", pods: "110" };
const NOTHING = { cpu: "0", memory: "0", pods: "0" };

let world: HostileWorld;
let genoa: HostileCustomer;
let contractID: string;
/** The customer with the identity that the provider signed for it. */
let peer: KubeClient;
let overseer: SliceOverseer;
let pid: number | undefined;

beforeAll(async () => {
  world = await HostileWorld.start();
  pid = world.rome.process.pid;
  genoa = await world.customer("genoa");
  overseer = new SliceOverseer(world.cluster.admin, genoa.namespace);
  await overseer.sold(sold(1, 1));
  contractID = await genoa.buy();
  peer = await genoa.logIn(contractID);
});
afterEach(async () => {
  for (const { metadata } of await world.cluster.admin.list(SLICE)) await remove(metadata.name ?? "");
  await overseer.caughtUp();
  expect(overseer.violations.splice(0)).toEqual([]);
  expect(world.rome.process.pid).toBe(pid);
});
afterAll(async () => {
  peer?.close();
  await overseer?.stop();
  await world?.stop();
});

const refOf = (name: string): ObjectRef => ({ ...SLICE, namespace: genoa.namespace, name });
const read = (name: string): Promise<KubeObject | undefined> => world.cluster.admin.get(refOf(name));

async function remove(name: string): Promise<void> {
  await world.cluster.admin.remove(refOf(name));
  await waitFor(async () => (await read(name)) === undefined, SOON);
}

const sliceOf = (resources: unknown, changes: Readonly<Record<string, unknown>> = {}): Promise<KubeObject> =>
  genoa.slice(resources, changes);

/** Has the customer create a slice, and waits until it has been decided about. */
async function asked(resources: unknown): Promise<string> {
  const { metadata } = await peer.create(await sliceOf(resources));
  const { name = "" } = metadata;
  await waitFor(async () => sliceCondition(await read(name), "Resources"), SOON);
  return name;
}

async function granted(name: string): Promise<Record<string, string>> {
  return (at(await read(name), "status", "resources") ?? {}) as Record<string, string>;
}

async function messageOf(name: string): Promise<string> {
  const conditions = at(await read(name), "status", "conditions") as readonly { type: string; message: string }[];
  return conditions.find(({ type }) => type === "Resources")?.message ?? "";
}

/** Waits until slice and Quota both have this, or nothing where a name is left out. */
async function expectGranted(name: string, amounts: Readonly<Record<string, string>>): Promise<void> {
  const quota = { ...QUOTA, namespace: genoa.namespace, name: sliceUser(name, "genoa") };
  await waitFor(async () => {
    const [given, held] = [await granted(name), at(await world.cluster.admin.get(quota), "spec", "resources")];
    const shown = JSON.stringify([given, held]);
    for (const [resource, amount] of Object.entries(amounts))
      if (given[resource] !== amount || textAt(held, resource) !== amount) throw new Error(shown);
    return true;
  }, SOON);
}

async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "done";
  } catch (error) {
    if (!(error instanceof KubeStatusError)) throw error;
    return error.message;
  }
}

/** Has the customer try to write a status of its own, with everything else as it stands there. */
async function writeStatus(name: string): Promise<unknown> {
  const found = await peer.get(refOf(name));
  return peer.patch(refOf(name), { status: { ...(found?.["status"] as object), resources: ABSURD } }, "status");
}

/** The same until it succeeds: a policy that was taken away still holds for a moment. */
const claims = (name: string): Promise<unknown> => waitFor(() => writeStatus(name), SOON);

/** What comes of a slice of the customer's, without making it. */
function tried({ metadata, ...slice }: KubeObject): Promise<string> {
  const path = `/apis/${slice.apiVersion}/namespaces/${metadata.namespace}/resourceslices?dryRun=All`;
  return refusal(peer.raw("POST", path, { metadata, ...slice }));
}

test("asks of every absurd kind are clipped to what was bought, or refused, and say so", async () => {
  const asks: readonly [unknown, Readonly<Record<string, string>>][] = [
    [
      { cpu: "1000", memory: "1Pi", pods: "1000000" },
      { cpu: "2", memory: "4Gi", pods: "110" },
    ],
    [
      { cpu: "2", memory: "4Gi", "nvidia.com/gpu": "8" },
      { cpu: "2", memory: "4Gi", "nvidia.com/gpu": "0" },
    ],
    [
      { cpu: "1", "hugepages-2Mi": "1Gi" },
      { cpu: "1", "hugepages-2Mi": "0" },
    ],
    [
      { cpu: "1e12", memory: "1" },
      { cpu: "2", memory: "1" },
    ],
    [
      { cpu: "9223372036854775807", memory: "9223372036854775807Ei" },
      { cpu: "2", memory: "4Gi" },
    ],
    [{ cpu: "500m" }, { cpu: "500m", memory: "0" }],
    [
      { cpu: 1, memory: 1_073_741_824 },
      { cpu: "1", memory: "1Gi" },
    ],
    [{}, { cpu: "2", memory: "4Gi", pods: "110" }],
  ];
  for (const [ask, expected] of asks) {
    const name = await asked(ask);
    await expectGranted(name, expected);
    const isClipped = /1000|gpu|huge|1e12|92233/.test(JSON.stringify(ask));
    expect(await messageOf(name), JSON.stringify(ask)).toMatch(
      isClipped ? /less than asked for of/ : /^Granted as bought\.$/,
    );
    await remove(name);
  }
  for (const ask of [{ cpu: "-5" }, { cpu: "-5", memory: "-1Gi" }, { memory: "0" }, { "example.com/x": "4" }]) {
    const outcome = await asked(ask).catch((error: unknown) => error);
    if (outcome instanceof KubeStatusError) continue;
    const amounts = Object.entries(await granted(String(outcome))).filter(([resource]) => resource !== "pods");
    expect(
      amounts.every(([, amount]) => amount === "0"),
      JSON.stringify([ask, amounts]),
    ).toBe(true);
    await remove(String(outcome));
  }
  for (const ask of ["all", 7, ["cpu"], { cpu: "lots" }, { cpu: { a: 1 } }, { cpu: "NaN" }])
    expect(await refusal(sliceOf(ask).then((slice) => peer.create(slice))), JSON.stringify(ask)).toMatch(
      /invalid|Invalid/,
    );
});

test("many slices share what was bought, and each change is judged anew", async () => {
  const names = await Promise.all(Array.from({ length: 12 }, () => asked({ cpu: "1", memory: "1Gi" })));
  const given = await Promise.all(names.map(granted));
  expect(given.filter(({ cpu }) => cpu === "1")).toHaveLength(2);
  expect(await messageOf(names.find((_, n) => given[n]?.["cpu"] !== "1") ?? "")).toMatch(
    /other slices|less than asked/,
  );
  for (const name of names) await remove(name);

  const name = await asked({ cpu: "1", memory: "1Gi" });
  for (const [ask, cpu] of [
    ["100", "2"],
    ["250m", "250m"],
    ["2", "2"],
    ["0", "0"],
    ["1", "1"],
  ] as const) {
    const found = await peer.get(refOf(name));
    if (!found) throw new Error("the slice is gone");
    await peer.patch(refOf(name), { spec: { resources: { cpu: ask } } });
    await expectGranted(name, { cpu });
  }
});

test("another class, another consumer, shed labels, a status of its own: refused, and what was granted stays", async () => {
  const name = await asked({ cpu: "1", memory: "1Gi" });
  await expectGranted(name, { cpu: "1" });
  const own = await peer.get(refOf(name));
  if (!own) throw new Error("the slice is gone");
  const status = { ...(own["status"] as object), resources: { cpu: "1000", memory: "1Ti" } };
  const attacks: Readonly<Record<string, () => Promise<unknown>>> = {
    "another class": async () => peer.create(await sliceOf({ cpu: "9" }, { class: "default" })),
    "an empty class": async () => peer.create(await sliceOf({ cpu: "9" }, { class: "" })),
    "no class": async () => peer.create(await sliceOf({ cpu: "9" }, { class: undefined })),
    "the class changed": () => peer.patch(refOf(name), { spec: { class: "default" } }),
    "the class taken off": () => peer.patch(refOf(name), { spec: { class: null } }),
    "another consumer": async () => peer.create(await sliceOf({ cpu: "9" }, { consumerClusterID: "milan" })),
    "the consumer changed": () => peer.patch(refOf(name), { spec: { consumerClusterID: "milan" } }),
    "a status": () => peer.replacePart({ ...own, status }, "status"),
    "a status in part": () => peer.patch(refOf(name), { status }, "status"),
    "labels off": () => peer.patch(refOf(name), { metadata: { labels: { [LABEL.replicated]: null } } }),
    "all labels off": () => peer.replace({ ...own, metadata: { ...own.metadata, labels: {} } }),
    "a label of our own purchases": () =>
      peer.patch(refOf(name), { metadata: { labels: { [LABEL.replication]: "true" } } }),
    "another's label": () => peer.patch(refOf(name), { metadata: { labels: { [LABEL.origin]: "milan" } } }),
  };
  for (const [what, attack] of Object.entries(attacks))
    expect(await refusal(attack()), what).toContain("ValidatingAdmissionPolicy");
  await expectGranted(name, { cpu: "1", memory: "1Gi" });

  // A status that comes with a new slice is dropped by Kubernetes.
  const { metadata } = await peer.create({ ...(await sliceOf({ cpu: "1" })), status });
  await waitFor(async () => (await granted(metadata.name ?? ""))["cpu"] === "1", SOON);
  expect(
    await refusal(peer.create({ ...(await sliceOf({})), metadata: { name: "x", namespace: "default" } })),
  ).toContain("cannot create");
  expect(await refusal(peer.list(TENANT))).toContain("cannot list");
});

test("without the policies a status of its own and shed labels are put right by the Connector alone", async () => {
  const { admin } = world.cluster;
  const name = await asked({ cpu: "1", memory: "1Gi" });
  await expectGranted(name, { cpu: "1", memory: "1Gi" });
  for (const policy of ["catalog-slice-status", "catalog-slice-class"]) {
    await admin.remove({ ...POLICY, name: policy });
    await admin.remove({ ...BINDING, name: policy });
  }

  // While the Connector looks away, Liqo goes by what the customer has written: only the policy prevents that.
  await overseer.sold(ABSURD);
  if (pid === undefined) throw new Error("the Connector does not run");
  process.kill(pid, "SIGSTOP");
  try {
    await claims(name);
    await expectGranted(name, ABSURD);
  } finally {
    process.kill(pid, "SIGCONT");
  }
  await expectGranted(name, { cpu: "1", memory: "1Gi" });

  // Without its label Liqo does not look at the slice any more: the Quota stays what was sold, whatever the status says till it is put right.
  await overseer.sold(sold(1, 1), ABSURD);
  const shed = { metadata: { labels: { [LABEL.replicated]: null } } };
  await waitFor(() => peer.patch(refOf(name), shed), { ...SOON, what: "the removed policy counts no more" });
  for (let times = 0; times < 5; times++) {
    await claims(name);
    await expectGranted(name, { cpu: "1", memory: "1Gi" });
  }
  expect(await messageOf(name)).toBe("Granted as bought.");

  for (const object of await policyObjects("v1")) await admin.ensure(object);
  await waitFor(async () => (await tried(await sliceOf({}, { class: "default" }))) !== "done", SOON);
  await waitFor(async () => (await refusal(writeStatus(name))) !== "done", SOON);
  await expectGranted(name, { cpu: "1", memory: "1Gi" });
  await overseer.sold(sold(1, 1));
});

test("two contracts that end at different times: the grant follows each, down to explicit zeros", async () => {
  const name = await asked({ cpu: "100", memory: "1Ti" });
  await expectGranted(name, { cpu: "2", memory: "4Gi" });
  await overseer.sold(sold(3, 2));
  const second = await genoa.buy(2);
  await expectGranted(name, { cpu: "6", memory: "12Gi" });
  await genoa.end(contractID);
  await expectGranted(name, { cpu: "4", memory: "8Gi" });
  await overseer.sold(sold(2, 1));
  contractID = second;

  // A slice that is too large for a status must not keep this one from losing what it had.
  const names = Array.from({ length: 5_200 }, (_, n) => [`example.com/${"x".repeat(50)}-${n}`, "1"]);
  const large = await refusal(sliceOf(Object.fromEntries(names)).then((slice) => peer.create(slice)));
  expect(large, "the large slice is there").toBe("done");
  await genoa.end(second);
  await waitFor(
    async () => {
      const given = await granted(name);
      return Object.keys(given).length === 0 || given["cpu"] === "0";
    },
    { ...SOON, what: "nothing is granted any more" },
  );
  await overseer.sold(NOTHING);
  await waitFor(async () => (await world.cluster.admin.list(TENANT)).length === 0, {
    ...SOON,
    what: "it is shown out",
  });
  expect(await refusal(peer.create(await sliceOf({ cpu: "1" })))).toMatch(/forbidden|not found/);
  await waitFor(async () => (await ownStockOf(world.rome.api, "general", "small")) === STOCK, SOON);
});
