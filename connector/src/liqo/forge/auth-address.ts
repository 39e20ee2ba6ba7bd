import type { KubeObject } from "../kube/kube-api.js";
import { VIRTUAL_NODE, VIRTUAL_NODE_LABEL } from "./namespace-offloading.js";

/** The address of the own authentication service, or why there is none. */
export type AuthAddress =
  | { readonly url: string; readonly from: string }
  | { readonly url: null; readonly problem: string; readonly whatToDo: string };

interface ServicePort {
  readonly name?: string;
  readonly port?: number;
  readonly nodePort?: number;
}
interface ServiceSpec {
  readonly type?: string;
  readonly ports?: readonly ServicePort[];
}
interface Ingress {
  readonly ip?: string;
  readonly hostname?: string;
}
interface NodeStatus {
  readonly addresses?: readonly { readonly type?: string; readonly address?: string }[];
  readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
}

/**
 * Where peers reach Liqo's authentication service (0.7 to 0.10): what the admin wrote into the annotations of Service `liqo-auth`, its load
 * balancer, or its node port on a physical node. Port 443 is left out.
 */
export function authAddress(service: KubeObject | undefined, nodes: readonly KubeObject[]): AuthAddress {
  if (service === undefined)
    return none(
      "Service liqo-auth does not exist",
      "Install Liqo, or set LIQO_NAMESPACE to the namespace that it is in.",
    );
  const annotations = service.metadata.annotations ?? {};
  const spec = (service.spec ?? {}) as ServiceSpec;
  const port = spec.ports?.find(({ name }) => name === "https") ?? spec.ports?.[0];
  const override = annotations["liqo.io/override-address"];
  const overridePort = annotations["liqo.io/override-port"];
  if (override !== undefined && override !== "")
    return at(
      override,
      overridePort ?? (spec.type === "NodePort" ? port?.nodePort : port?.port) ?? 443,
      "its annotations",
    );
  if (spec.type === "LoadBalancer") return loadBalancer(service, overridePort ?? port?.port ?? 443);
  if (spec.type === "NodePort" && port?.nodePort !== undefined) return nodePort(nodes, overridePort ?? port.nodePort);
  return none(
    `Service liqo-auth is of type ${spec.type ?? "ClusterIP"}, which nobody outside reaches`,
    "Make it a LoadBalancer or a NodePort, or put the annotations liqo.io/override-address and liqo.io/override-port on it.",
  );
}

function loadBalancer(service: KubeObject, port: number | string): AuthAddress {
  const { loadBalancer: balancer } = (service.status ?? {}) as { loadBalancer?: { ingress?: readonly Ingress[] } };
  const ingress = balancer?.ingress?.[0];
  const host = ingress?.hostname ?? ingress?.ip;
  if (host === undefined || host === "")
    return none(
      "Service liqo-auth waits for an address from the load balancer",
      "Wait for it, install a load balancer, make the Service a NodePort, or put the annotation liqo.io/override-address on it.",
    );
  return at(host, port, "its load balancer");
}

function nodePort(nodes: readonly KubeObject[], port: number | string): AuthAddress {
  const physical = nodes
    .filter(({ metadata }) => metadata.labels?.[VIRTUAL_NODE_LABEL] !== VIRTUAL_NODE)
    .sort((a, b) => Number(isReady(b)) - Number(isReady(a)) || (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const type of ["ExternalIP", "InternalIP"]) {
    for (const node of physical) {
      const found = ((node.status ?? {}) as NodeStatus).addresses?.find((address) => address.type === type)?.address;
      if (found !== undefined && found !== "") return at(found, port, `the node ${node.metadata.name}`);
    }
  }
  return none(
    "no node tells an address for the node port of Service liqo-auth",
    "Put the annotation liqo.io/override-address on it.",
  );
}

/** Whether a node says that it is ready. */
export function isReady(node: KubeObject): boolean {
  const { conditions } = (node.status ?? {}) as NodeStatus;
  return conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
}

function at(host: string, port: number | string, from: string): AuthAddress {
  const written = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  const url = `https://${written}${String(port) === "443" ? "" : `:${port}`}`;
  if (!/^\d{1,5}$/.test(String(port)) || !URL.canParse(url))
    return none(
      `"${url.slice(0, 200)}" from ${from} is no address`,
      "Correct the annotations liqo.io/override-address and liqo.io/override-port.",
    );
  return { url, from };
}

function none(problem: string, whatToDo: string): AuthAddress {
  return { url: null, problem, whatToDo };
}
