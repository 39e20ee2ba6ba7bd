import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { RunningConnector } from "../harness/federation.js";

const PROGRAM = fileURLToPath(new URL("../../../connector/bin/catalog.js", import.meta.url));

/** How the program ended and what it printed. */
export interface ProgramRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `catalog` as a shell would, with nothing in its environment but this. */
export function catalogProgram(args: readonly string[], env: Readonly<Record<string, string>>): Promise<ProgramRun> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env["PATH"] ?? "", ...env }, timeout: 90_000 };
    execFile(process.execPath, [PROGRAM, ...args], options, (error, out, err) => {
      const { code } = error ?? { code: 0 };
      resolve({ code: typeof code === "number" ? code : -1, out, err });
    });
  });
}

/** The same as the admin of a Connector. */
export function catalogAt(connector: RunningConnector, ...args: readonly string[]): Promise<ProgramRun> {
  return catalogProgram(args, { CATALOG_URL: connector.url, CATALOG_TOKEN: connector.adminToken });
}
