import { readFile, writeFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { at, type KubeObject } from "../kubernetes/rig/kube-object.js";
import { CHARTS, helm, HELM_FOLDER, NAMESPACE, objectsOf, rendered, template, valueSets } from "./charts.js";

/** Writes what comes out, for a change that is meant: `UPDATE_GOLDEN=1 npm run test:helm -- golden`, then read the diff. */
const isUpdate = process.env["UPDATE_GOLDEN"] === "1";

describe("what the charts become", () => {
  test("there are enough value sets to matter", () => expect(valueSets().length).toBeGreaterThanOrEqual(12));

  test.each(valueSets())("$chart: $name", async (set) => {
    const text = await rendered(set);
    if (isUpdate) await writeFile(set.goldenFile, text);
    expect(text).toBe(await readFile(set.goldenFile, "utf8"));
  });

  test.each(valueSets())("$chart: $name passes helm lint", async ({ chart, valuesFile, kubeVersion }) => {
    const said = await helm(
      "lint",
      "--strict",
      `${HELM_FOLDER}${chart}`,
      "--values",
      valuesFile,
      "--kube-version",
      kubeVersion,
    );
    expect(said).toContain("0 chart(s) failed");
  });
});

describe("what holds for everything that the charts become", () => {
  let all: readonly (readonly [string, KubeObject])[];
  beforeAll(async () => {
    const made = await Promise.all(
      valueSets().map(async (set) =>
        objectsOf(await rendered(set)).map((object) => [`${set.chart}/${set.name}`, object] as const),
      ),
    );
    all = made.flat();
  });

  test("no role holds a wildcard, and none lets anybody become somebody else", async () => {
    const roles = all.filter(([, { kind }]) => kind === "Role" || kind === "ClusterRole");
    expect(roles.length).toBeGreaterThan(20);
    for (const [where, role] of roles) {
      for (const rule of role["rules"] as readonly Record<string, readonly string[]>[]) {
        const words = Object.values(rule).flat();
        expect(
          words.filter((word) => word.includes("*")),
          `${where} ${role.metadata.name}`,
        ).toEqual([]);
        expect(words.filter((word) => ["escalate", "impersonate", "deletecollection"].includes(word))).toEqual([]);
        // The one Secret of a cluster-wide role is an identity that a customer of Liqo 0.x lost, by its name.
        if (
          role.kind === "ClusterRole" &&
          role.metadata.name === "catalog-connector" &&
          rule["resources"]?.includes("secrets")
        )
          expect(rule["resourceNames"]).toEqual(["liqo-remote-certificate"]);
      }
    }
  });

  test("every binding binds the account of the release, and only that", async () => {
    for (const [where, binding] of all.filter(([, { kind }]) => kind.endsWith("RoleBinding"))) {
      const subjects = binding["subjects"] as readonly { kind: string; name: string; namespace: string }[];
      expect(subjects, where).toHaveLength(1);
      const account = all.find(
        ([other, { kind, metadata }]) =>
          other === where && kind === "ServiceAccount" && metadata.name === subjects[0]?.name,
      );
      if (account === undefined) expect(subjects[0]?.name, where).toBe("existing-account");
      else expect(subjects[0]?.namespace, where).toBe(account[1].metadata.namespace);
    }
  });

  test("every container is confined, and may not write to its image", async () => {
    const pods = all.filter(([, { kind }]) => kind === "Deployment" || kind === "StatefulSet");
    for (const [where, workload] of pods) {
      const spec = at(workload, "spec", "template", "spec") as {
        containers: readonly object[];
        securityContext: object;
      };
      expect(spec.securityContext, where).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(at(spec.containers[0], "securityContext"), where).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
    }
  });

  test("no two objects of a release are the same one, and each stands where it should", async () => {
    const seen = new Set<string>();
    for (const [where, { kind, metadata }] of all) {
      const id = `${where} ${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
      expect(seen.has(id), id).toBe(false);
      seen.add(id);
    }
  });

  test.each(CHARTS)("%s: notes say the next command", async (chart) => {
    const said = await helm(
      ...["install", "hub", `${HELM_FOLDER}${chart}`, "--dry-run=client", "--namespace", NAMESPACE],
      ...["--set", "postgresql.mode=bundled", "--kube-version", "1.34.4"],
    ).catch((error: unknown) => String(error));
    // Helm asks a cluster for its version even so where it finds none: the notes are rendered by the install on a real API server then.
    if (said.includes("NOTES:")) expect(said).toContain("kubectl -n shop rollout status deployment/hub");
  });

  test("the Services of a Connector are called alike whatever the release is called", async () => {
    const names = async (release: string): Promise<(string | undefined)[]> =>
      objectsOf(await template("connector", release, "--set", "postgresql.mode=bundled"))
        .filter(({ kind, metadata }) => kind === "Service" && !metadata.name?.startsWith(release))
        .map(({ metadata, ...service }) => {
          const [port] = at(service, "spec", "ports") as readonly { port: number; targetPort: string }[];
          return `${metadata.name} ${port?.port} ${port?.targetPort}`;
        });
    const expected = [
      "connector-grpc 6001 grpc",
      "connector-http 6002 http",
      "connector-contract 6003 contract",
      "connector-ui 8080 http",
    ];
    expect((await names("connector-release")).toSorted()).toEqual(expected.toSorted());
    expect((await names("other")).toSorted()).toEqual(expected.toSorted());
  });
});
