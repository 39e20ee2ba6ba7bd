import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { ApiServer } from "../kubernetes/rig/api-server.js";
import { programFolder } from "../kubernetes/rig/go-tools.js";
import { KubeClient } from "../kubernetes/rig/kube-client.js";
import { at, type KubeObject, refOf, textAt } from "../kubernetes/rig/kube-object.js";
import { type Chart, helm, HELM_FOLDER, NAMESPACE, objectsOf, rendered, valueSets } from "./charts.js";
import { FOREIGN_KINDS } from "./foreign-kinds.js";

/** Namespaces that value sets name. */
const NAMESPACES = [NAMESPACE, "hub", "the-catalog", "catalog", "liqo", "liqo-system"];
const RESTRICTED = { "pod-security.kubernetes.io/enforce": "restricted" };

let server: ApiServer;
let admin: KubeClient;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "catalog-charts-"));
  server = await ApiServer.start("charts", programFolder());
  admin = await KubeClient.of(server.adminKubeconfig);
  for (const definition of FOREIGN_KINDS) await admin.ensure(definition);
  for (const name of NAMESPACES)
    await admin.ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: RESTRICTED } });
  for (const definition of FOREIGN_KINDS) {
    const [group, version, plural] = [
      textAt(definition, "spec", "group"),
      textAt(definition, "spec", "versions", 0, "name"),
      textAt(definition, "spec", "names", "plural"),
    ];
    await waitFor(async () => (await admin.raw("GET", `/apis/${group}/${version}/${plural}`)) !== undefined, {
      timeoutMs: 60_000,
      what: `${plural} are served`,
    });
  }
});
afterAll(async () => {
  admin?.close();
  await server?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

interface Pod extends Readonly<Record<string, unknown>> {
  readonly volumes: readonly object[];
}

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}
/** What is served below a path of the API: it does not change any more. */
const known = new Map<string, Promise<readonly Resource[]>>();
function discover(root: string): Promise<readonly Resource[]> {
  const found = admin
    .raw("GET", root)
    .then((answer) => (answer as { readonly resources: readonly Resource[] }).resources);
  known.set(root, found);
  return found;
}

/** Has the server check an object as if it were to be kept; unknown fields are errors. @throws KubeStatusError */
async function dryRun(object: KubeObject): Promise<void> {
  const root = object.apiVersion.includes("/") ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
  const resources = await (known.get(root) ?? discover(root));
  const served = resources.find(({ kind, name }) => kind === object.kind && !name.includes("/"));
  if (served === undefined) throw new Error(`nobody serves ${object.apiVersion} ${object.kind}`);
  const inside = served.namespaced ? `/namespaces/${object.metadata.namespace}` : "";
  await admin.raw("POST", `${root}${inside}/${served.name}?dryRun=All&fieldValidation=Strict`, object);
}

describe("a real API server takes every object", () => {
  test.each(valueSets())("$chart: $name", async (set) => {
    const objects = objectsOf(await rendered(set)).filter(({ kind }) => kind !== "Namespace");
    expect(objects.length).toBeGreaterThan(5);
    await Promise.all(objects.map((object) => dryRun(object).catch((error: unknown) => fail(object, error))));
    await expectRestricted(objects);
  });

  function fail(object: KubeObject, error: unknown): never {
    throw new Error(`${object.kind} ${object.metadata.name}: ${String(error)}`, { cause: error });
  }

  /** The pods themselves, in a namespace that enforces what the Deployments only warn of. */
  async function expectRestricted(objects: readonly KubeObject[]): Promise<void> {
    for (const { kind, metadata, ...workload } of objects) {
      if (kind !== "Deployment" && kind !== "StatefulSet") continue;
      const { priorityClassName: _p, serviceAccountName: _a, ...pod } = at(workload, "spec", "template", "spec") as Pod;
      const claims = (at(workload, "spec", "volumeClaimTemplates") ?? []) as readonly KubeObject[];
      const claimed = claims.map((claim) => ({ name: claim.metadata.name, emptyDir: {} }));
      const spec = { ...pod, volumes: [...pod.volumes, ...claimed] };
      await dryRun({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "pod", namespace: metadata.namespace ?? "" },
        spec,
      });
    }
  }

  test("a misspelled field would be refused, of other projects' kinds too", async () => {
    const metadata = { name: "x", namespace: NAMESPACE };
    const monitor = { apiVersion: "monitoring.coreos.com/v1", kind: "ServiceMonitor", metadata };
    await expect(dryRun({ ...monitor, spec: { endpoint: [] } })).rejects.toThrow(/unknown field/);
    const service = { apiVersion: "v1", kind: "Service", metadata };
    await expect(dryRun({ ...service, spec: { ports: [{ port: 1 }], sessionAfinity: "x" } })).rejects.toThrow(
      /unknown field/,
    );
  });
});

describe("a release on a real API server", () => {
  const kubeconfig = (): readonly string[] => ["--kubeconfig", server.adminKubeconfigFile, "--namespace", NAMESPACE];
  const values = ["--set", "postgresql.mode=bundled"];

  /** Everything that the release made: by its label, but for what Helm itself keeps. */
  async function left(release: string): Promise<readonly string[]> {
    const kinds = (await admin.kinds()).filter(({ verbs }) => verbs.includes("list"));
    const found = await Promise.all(
      kinds.map((kind) => admin.list(kind, { labelSelector: `app.kubernetes.io/instance=${release}` })),
    );
    return found
      .flat()
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
      .toSorted();
  }

  test.each<[Chart, string[]]>([
    ["broker", ["Secret shop-broker-postgresql"]],
    ["connector", ["Secret shop-connector-postgresql"]],
  ])("%s: installed, upgraded and uninstalled; what is promised stays", async (chart, promised) => {
    await admin.remove({ apiVersion: "v1", kind: "Namespace", name: "liqo" });
    await waitFor(async () => (await admin.get({ apiVersion: "v1", kind: "Namespace", name: "liqo" })) === undefined);
    const release = `shop-${chart}`;
    const secret = { apiVersion: "v1", kind: "Secret", namespace: NAMESPACE, name: `${release}-postgresql` };
    const notes = await helm("install", release, `${HELM_FOLDER}${chart}`, ...kubeconfig(), ...values);
    expect(notes).toContain(`kubectl -n ${NAMESPACE} rollout status deployment/${release}`);
    const password = textAt(await admin.get(secret), "data", "password");
    expect((await left(release)).length).toBeGreaterThan(10);

    await helm("upgrade", release, `${HELM_FOLDER}${chart}`, ...kubeconfig(), ...values, "--set", "drainSeconds=7");
    expect(textAt(await admin.get(secret), "data", "password")).toBe(password);
    const liqo = await admin.get({ apiVersion: "v1", kind: "Namespace", name: "liqo" });
    expect(liqo === undefined).toBe(chart === "broker");

    await helm("uninstall", release, ...kubeconfig(), "--cascade", "background");
    await waitFor(async () => (await left(release)).join() === promised.join(), {
      timeoutMs: 30_000,
      what: `only ${promised.join()} is left`,
    });
    expect(textAt(await admin.get(secret), "data", "password")).toBe(password);
    // Installed again under its name, the release takes up what it left.
    await helm("install", release, `${HELM_FOLDER}${chart}`, ...kubeconfig(), ...values);
    expect(textAt(await admin.get(secret), "data", "password")).toBe(password);
    await helm("uninstall", release, ...kubeconfig());
  });

  test("a second Connector in one cluster is refused, because Liqo has one", async () => {
    await helm("install", "one", `${HELM_FOLDER}connector`, ...kubeconfig(), ...values);
    const second = ["--kubeconfig", server.adminKubeconfigFile, "--namespace", "hub"];
    await expect(helm("install", "two", `${HELM_FOLDER}connector`, ...second, ...values)).rejects.toThrow(/catalog-/);
    await helm("uninstall", "one", ...kubeconfig());
  });

  test("the policies of the chart are those that the Connector looks for", async () => {
    const file = join(folder, "v1.yaml");
    await writeFile(file, "postgresql: {mode: bundled}\nliqo: {mode: v1, policies: {exempt: [a, b]}}\n");
    const { policiesText } = await import("@catalog/connector/print-policies");
    const options = [
      "--namespace",
      NAMESPACE,
      "--identity-secret",
      "connector-identity",
      "--exempt",
      "a,b",
      "--only",
      "policies",
    ];
    const printed = objectsOf(policiesText(options));
    const inChart = objectsOf(
      await helm(
        "template",
        "x",
        `${HELM_FOLDER}connector`,
        "--namespace",
        NAMESPACE,
        "--values",
        file,
        "--kube-version",
        "1.34.4",
      ),
    );
    for (const { kind, metadata, ...object } of printed) {
      const same = inChart.find((one) => one.kind === kind && one.metadata.name === metadata.name);
      expect(same?.["spec"], `${kind} ${metadata.name}`).toEqual(object["spec"]);
      expect(same?.["data"], `${kind} ${metadata.name}`).toEqual(object["data"]);
      expect(refOf(same as KubeObject)).toEqual(refOf({ kind, metadata, apiVersion: object.apiVersion }));
    }
  });
});
