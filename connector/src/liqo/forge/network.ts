import type { KubeObject } from "../kube/kube-api.js";
import type { TenantPlace } from "./handshake.js";
import { ownLabels, PEER_FINGERPRINT } from "./tenant-labels.js";

export const NETWORKING = "networking.liqo.io/v1beta1";
const GATEWAY_RESOURCE = "networking.liqo.io/gateway-resource";
const MTU = 1340;
export const GATEWAY_PORT = 51_840;

/** Address ranges of a cluster's pods and of its external addresses. */
export interface Cidrs {
  readonly pod: readonly string[];
  readonly external: readonly string[];
}

/** Where a gateway listens. */
export interface GatewayEndpoint {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly protocol: "UDP" | "TCP";
}

/** How a gateway is reached from outside. */
export type GatewayServiceType = "LoadBalancer" | "NodePort";

/** The peer's address ranges; Liqo remaps what overlaps. */
export function configuration(place: TenantPlace, remote: Cidrs): KubeObject {
  return networking("Configuration", place, { remote: { cidr: remote } });
}

/** Provider: the end of the tunnel that waits. */
export function gatewayServer(place: TenantPlace, liqoNamespace: string, serviceType: GatewayServiceType): KubeObject {
  return networking("GatewayServer", place, {
    mtu: MTU,
    endpoint: { port: GATEWAY_PORT, serviceType },
    serverTemplateRef: template("WgGatewayServerTemplate", "wireguard-server", liqoNamespace),
  });
}

/** Customer: the end of the tunnel that calls. */
export function gatewayClient(place: TenantPlace, liqoNamespace: string, endpoint: GatewayEndpoint): KubeObject {
  return networking("GatewayClient", place, {
    mtu: MTU,
    endpoint,
    clientTemplateRef: template("WgGatewayClientTemplate", "wireguard-client", liqoNamespace),
  });
}

/** The peer's key of the tunnel, base64 of 32 bytes. */
export function publicKey(place: TenantPlace, key: string): KubeObject {
  const object = networking("PublicKey", place, { publicKey: key });
  const labels = { ...object.metadata.labels, [GATEWAY_RESOURCE]: "true" };
  return { ...object, metadata: { ...object.metadata, labels } };
}

function networking(kind: string, place: TenantPlace, spec: object): KubeObject {
  return {
    apiVersion: NETWORKING,
    kind,
    metadata: {
      name: place.clusterID,
      namespace: place.namespace,
      labels: ownLabels(place.clusterID),
      annotations: { [PEER_FINGERPRINT]: place.fingerprint },
    },
    spec,
  };
}

function template(kind: string, name: string, namespace: string): object {
  return { apiVersion: NETWORKING, kind, name, namespace };
}
