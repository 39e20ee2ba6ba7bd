import type { ClusterParameters } from "@catalog/schema/catalog";
import { authAddress } from "../forge/auth-address.js";
import { foreignAuthUrlProblem } from "../forge/foreign-auth-url.js";
import type { KubeApi, KubeObject } from "../kube/kube-api.js";
import { readLiqoIdentity } from "../kube/liqo-installation.js";

/** Asks Liqo's authentication service who it is (`GET /ids`, no credentials). */
export interface AuthProbe {
  /** @throws CatalogError if there is no answer that counts. */
  whoIs(authUrl: string): Promise<{ readonly clusterID: string; readonly clusterName: string }>;
}

/** What peers need of this cluster, and what stands in their way. */
export interface OwnCluster {
  readonly clusterID: string;
  readonly clusterName: string;
  /** Address of the authentication service; null while there is none. */
  readonly authUrl: string | null;
  readonly token: string | null;
  /** What an admin should do before anybody can peer; empty if all is well. */
  readonly problems: readonly OwnClusterProblem[];
}

export interface OwnClusterProblem {
  readonly message: string;
  readonly whatToDo: string;
}

/** An answer of `/ids` counts for so long, in ms. */
const PROBE_MS = 60_000;

/** Finds out how Liqo 0.7 to 0.10 in this cluster is reached by peers. */
export class OwnClusterReader {
  private checked:
    { readonly url: string; readonly at: number; readonly problem: OwnClusterProblem | null } | undefined;

  /**
   * @param namespace that Liqo is installed in.
   * @param now monotonic milliseconds.
   */
  constructor(
    private readonly kube: KubeApi,
    private readonly namespace: string,
    private readonly probe: AuthProbe,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** What a peer gets. @throws CatalogError UNAVAILABLE while Liqo is not there, KubeError. */
  async parameters(): Promise<ClusterParameters> {
    const { clusterID, clusterName, authUrl, token } = await this.read();
    return { clusterID, clusterName, endpoint: authUrl, token };
  }

  /** @throws CatalogError UNAVAILABLE while Liqo is not there, KubeError. */
  async read(): Promise<OwnCluster> {
    const { clusterID, clusterName } = await readLiqoIdentity(this.kube, this.namespace);
    const token = await this.token();
    const problems: OwnClusterProblem[] = [];
    if (token === null)
      problems.push({
        message: `Secret ${this.namespace}/auth-token holds no token.`,
        whatToDo: "Wait until Liqo has started; otherwise look at the log of its authentication service.",
      });
    const authUrl = await this.address(clusterID, problems);
    return { clusterID, clusterName, authUrl, token, problems };
  }

  private async address(clusterID: string, problems: OwnClusterProblem[]): Promise<string | null> {
    const service = await this.kube.get({
      apiVersion: "v1",
      kind: "Service",
      namespace: this.namespace,
      name: "liqo-auth",
    });
    const isNodePort = (service?.spec as { type?: unknown } | undefined)?.type === "NodePort";
    const nodes = isNodePort ? await this.kube.list({ apiVersion: "v1", kind: "Node" }) : [];
    const found = authAddress(service, nodes);
    if (found.url === null) {
      problems.push({ message: `Liqo here has no address for peers: ${found.problem}.`, whatToDo: found.whatToDo });
      return null;
    }
    const pattern = foreignAuthUrlProblem(found.url);
    if (pattern !== undefined)
      problems.push({
        message: `Peers cannot use the address ${found.url} (from ${found.from}): ${pattern}.`,
        whatToDo: "Put the annotation liqo.io/override-address with a usable address on Service liqo-auth.",
      });
    const unanswered = await this.probed(found.url, clusterID);
    if (unanswered !== null) problems.push(unanswered);
    return found.url;
  }

  private async probed(url: string, clusterID: string): Promise<OwnClusterProblem | null> {
    if (this.checked?.url === url && this.now() - this.checked.at < PROBE_MS) return this.checked.problem;
    const problem = await this.probeNow(url, clusterID);
    this.checked = { url, at: this.now(), problem };
    return problem;
  }

  private async probeNow(url: string, clusterID: string): Promise<OwnClusterProblem | null> {
    try {
      const answer = await this.probe.whoIs(url);
      if (answer.clusterID === clusterID) return null;
      return {
        message: `At ${url} answers the cluster ${answer.clusterID.slice(0, 80)}, not this one (${clusterID}).`,
        whatToDo: "Correct the address of Service liqo-auth: peers would reach another cluster.",
      };
    } catch (error) {
      return {
        message: `Liqo's authentication service does not answer at ${url}: ${(error as Error).message}`,
        whatToDo: "Check that the address is right and that peers, and this Connector, may reach it.",
      };
    }
  }

  private async token(): Promise<string | null> {
    const secret = await this.kube.get({
      apiVersion: "v1",
      kind: "Secret",
      namespace: this.namespace,
      name: "auth-token",
    });
    return secret === undefined ? null : secretText(secret, "token");
  }
}

/** A value of a Secret as text; null if it is missing or empty. */
export function secretText(secret: Pick<KubeObject, "data">, key: string): string | null {
  const text = Buffer.from(secret.data?.[key] ?? "", "base64").toString("utf8");
  return text === "" ? null : text;
}
