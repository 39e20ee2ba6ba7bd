import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../kubernetes/rig/kube-object.js";
import { helmProgram } from "./helm-tool.js";

const run = promisify(execFile);

export const HELM_FOLDER = fileURLToPath(new URL("../../../helm/", import.meta.url));
export const CHARTS = ["broker", "connector"] as const;
export type Chart = (typeof CHARTS)[number];

/** The Kubernetes that charts are rendered for where a value set names no other. */
const KUBE_VERSION = "1.34.4";
export const NAMESPACE = "shop";

/** What Helm said when it refused. */
export class HelmRefusedError extends Error {
  override readonly name = "HelmRefusedError";
}

/** Runs Helm. @throws HelmRefusedError with what it wrote. */
export async function helm(...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(helmProgram(), [...args], { maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    throw new HelmRefusedError(`${stderr ?? String(error)}${stdout ?? ""}`.trim());
  }
}

/** Values for a chart, and what it becomes with them. */
export interface ValueSet {
  readonly chart: Chart;
  readonly name: string;
  readonly valuesFile: string;
  /** What is to come out. */
  readonly goldenFile: string;
  readonly kubeVersion: string;
}

/** The value sets of `helm/<chart>/golden`. */
export function valueSets(): readonly ValueSet[] {
  return CHARTS.flatMap((chart) => {
    const folder = join(HELM_FOLDER, chart, "golden");
    const names = readdirSync(folder).filter((file) => file.endsWith(".values.yaml"));
    return names.sort().map((file) => {
      const name = file.replace(/\.values\.yaml$/, "");
      const valuesFile = join(folder, file);
      const [, kubeVersion = KUBE_VERSION] = /^# kube-version: (\S+)$/m.exec(readFileSync(valuesFile, "utf8")) ?? [];
      return { chart, name, valuesFile, goldenFile: join(folder, `${name}.yaml`), kubeVersion };
    });
  });
}

/** What the chart becomes: its objects as text, each after its place in the chart. */
export function rendered({ chart, name, valuesFile, kubeVersion }: ValueSet): Promise<string> {
  return template(chart, name, "--values", valuesFile, "--kube-version", kubeVersion);
}

/** `helm template` of a chart as release `name`. @throws HelmRefusedError. */
export function template(chart: Chart, name: string, ...args: readonly string[]): Promise<string> {
  const version = args.includes("--kube-version") ? [] : ["--kube-version", KUBE_VERSION];
  return helm("template", name, join(HELM_FOLDER, chart), "--namespace", NAMESPACE, ...version, ...args);
}

/** The objects of a rendered text. */
export function objectsOf(text: string): KubeObject[] {
  return parseAllDocuments(text)
    .map((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      return document.toJS() as KubeObject | null;
    })
    .filter((object) => object !== null);
}
