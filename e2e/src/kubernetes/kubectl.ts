import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseQuantity } from "@catalog/schema/quantity";
import type { Amounts } from "./trade-books.js";

const run = promisify(execFile);

/** The kubectl beside the programs of the tests; undefined where there is none. */
export function kubectlProgram(): string | undefined {
  const folder = process.env["KUBEBUILDER_ASSETS"] ?? "";
  const program = join(folder, "kubectl");
  return folder !== "" && existsSync(program) ? program : undefined;
}

/** What `kubectl describe node` says is requested on a node: its resources, and as `pods` the pods that have not finished. */
export async function describedRequests(program: string, kubeconfigFile: string, node: string): Promise<Amounts> {
  const { stdout } = await run(program, [`--kubeconfig=${kubeconfigFile}`, "describe", "node", node]);
  const [, pods = ""] = /Non-terminated Pods:\s+\((\d+) in total\)/.exec(stdout) ?? [];
  const [, table = ""] = /Allocated resources:\n([\s\S]*?)(?:\nEvents:|$)/.exec(stdout) ?? [];
  const rows = [...table.matchAll(/^ {2}([A-Za-z0-9./-]+)\s+([0-9][0-9A-Za-z.]*)/gm)].map(
    ([, name = "", amount = ""]): [string, bigint] => [name, parseQuantity(amount)],
  );
  if (rows.length < 3 || pods === "") throw new Error(`kubectl describes no requests:\n${stdout}`);
  return { ...Object.fromEntries(rows), pods: parseQuantity(pods) };
}
