import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { RunningConnector } from "../harness/federation.js";
import { kubectlProgram } from "./kubectl.js";
import type { TestCluster } from "./rig/clusters.js";

const run = promisify(execFile);

/** kubectl waits for what it deletes, without a bound of its own. */
const COMMAND_MS = 120_000;

/** What a Connector asks of its admin about one peering. */
export interface ByHand {
  readonly phase: string;
  readonly message: string;
  readonly whatToDo: string | null;
  readonly manifests: string | null;
  readonly questions: readonly { readonly name: string; readonly command: string | null }[];
}

const BY_HAND = "phase message whatToDo manifests questions { name command }";
const CONTINUE =
  "mutation ($id: ID!, $answers: [PeeringAnswer!]!) { continuePeering(contractID: $id, answers: $answers) { phase } }";

/** An admin of a cluster whose Connector has no access to it: what is told is done with kubectl in a shell, and its answers are given back. */
export class HandAdmin {
  private constructor(
    readonly connector: RunningConnector,
    private readonly folder: string,
  ) {}

  static async of(connector: RunningConnector, cluster: Pick<TestCluster, "adminKubeconfig">): Promise<HandAdmin> {
    const folder = await mkdtemp(join(tmpdir(), "catalog-hand-"));
    await writeFile(join(folder, "kubeconfig"), cluster.adminKubeconfig, { mode: 0o600 });
    return new HandAdmin(connector, folder);
  }

  async leave(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async look(contractID: string): Promise<ByHand> {
    const query = `{ peering(contractID: "${contractID}") { ${BY_HAND} } }`;
    return (await this.connector.api.request<{ peering: ByHand }>(query)).peering;
  }

  /** Applies what is there to apply, and answers what can be answered. Returns what was told before. */
  async work(contractID: string): Promise<ByHand> {
    const seen = await this.look(contractID);
    if (hasObjects(seen.manifests)) await this.apply(seen.manifests);
    for (const { name, command } of seen.questions) {
      if (name === "refused") continue; // Liqo takes the token.
      const value = command === null ? "yes" : await this.printed(command);
      if (value !== "") await this.answer(contractID, name, value); // Otherwise Liqo has not written it yet.
    }
    return seen;
  }

  async answer(contractID: string, name: string, value: string): Promise<void> {
    await this.connector.api.request(CONTINUE, { id: contractID, answers: [{ name, value }] });
  }

  /** What a command prints, in a shell with kubectl. Throws what it says where it fails. */
  async printed(command: string): Promise<string> {
    const env = {
      ...process.env,
      KUBECONFIG: join(this.folder, "kubeconfig"),
      PATH: `${dirname(kubectlProgram() ?? "")}:${process.env["PATH"]}`,
    };
    return (await run("bash", ["-o", "pipefail", "-c", command], { env, timeout: COMMAND_MS })).stdout;
  }

  private async apply(manifests: string): Promise<void> {
    const file = join(this.folder, "manifests.yaml");
    await writeFile(file, manifests, { mode: 0o600 });
    await this.printed(`kubectl apply -f ${file}`);
  }
}

/** What a peering that has ended tells to do, one command after the other. */
export function commandsIn(whatToDo: string | null): readonly string[] {
  const [, commands = ""] = /in this order: (.*) \((?:the namespace|where)/.exec(whatToDo ?? "") ?? [];
  return commands.split("; ");
}

function hasObjects(manifests: string | null): manifests is string {
  return manifests !== null && manifests.split("\n").some((line) => line !== "" && !line.startsWith("#"));
}
