import {
  configuration,
  gatewayClient,
  gatewayServer,
  publicKey,
  type Cidrs,
  type GatewayServiceType,
} from "../forge/network.js";
import { isSameJson } from "../forge/same-json.js";
import { isOurs } from "../forge/tenant-labels.js";
import type { KubeObject } from "../kube/kube-api.js";
import type { CustomerAction, CustomerSeen } from "./customer-plan.js";
import type { NetworkReply } from "../forge/handshake-messages.js";
import { fieldsOf, refOf, shown, type KubeAction, type Stage, type Unfinished } from "./stages.js";
import type { NetworkView } from "./tenant-view.js";
import type { TenantPlace } from "../forge/handshake.js";

/** What this cluster's network is. */
export interface NetworkFacts {
  /** Own address ranges; undefined until Liqo knows them. */
  readonly cidr: Cidrs | undefined;
  readonly liqoNamespace: string;
  readonly gatewayService: GatewayServiceType;
}

type NetworkStage = Stage<CustomerSeen, CustomerAction>;

const SETTINGS: NetworkStage = {
  name: "network",
  judge: (seen) => {
    const { cidr } = seen.networkFacts;
    if (cidr === undefined)
      return {
        status: "DOING",
        message: "Liqo has not told this cluster's address ranges yet.",
        late: "Look at networks.ipam.liqo.io in Liqo's namespace.",
      };
    const { network } = seen.answers;
    if (network === undefined) {
      const message = { type: "network" as const, cidr, publicKey: seen.view.network.ownKey };
      return {
        status: "WAITING",
        message: "The provider is asked for its half of the network.",
        action: { do: "ask", message },
      };
    }
    if (network.type === "network") return "DONE";
    const says = "message" in network ? network.message : "";
    return {
      status: network.type === "refused" ? "FAILED" : "WAITING",
      message: `The provider's network is not ready: ${says.slice(0, 300)}`,
    };
  },
};

const OBJECTS: NetworkStage = {
  name: "gateway",
  judge: (seen) => {
    const reply = replyOf(seen);
    if (reply === undefined) return "DONE";
    const place = networkPlace(seen);
    const { network } = seen.view;
    const wanted: (KubeObject | undefined)[] = [
      configuration(place, reply.cidr),
      // The other direction of the same pair has connected the two networks already.
      reply.endpoint === null || network.server !== undefined
        ? undefined
        : gatewayClient(place, seen.networkFacts.liqoNamespace, reply.endpoint),
      reply.publicKey === null ? undefined : publicKey(place, reply.publicKey),
    ];
    const action = firstDifference(wanted, network);
    if (action !== undefined)
      return { status: "DOING", message: "Liqo is given the provider's half of the network.", action };
    if (reply.endpoint === null)
      return {
        status: "WAITING",
        message: "The provider's gateway has no address yet.",
        late: "Ask the provider whether its gateway Service has one.",
      };
    if (reply.publicKey === null || network.ownKey === null)
      return {
        status: "WAITING",
        message: "The keys of the tunnel are being made.",
        late: "Look at the gateway's pods on both sides.",
      };
    return "DONE";
  },
};

const TUNNEL: NetworkStage = {
  name: "tunnel",
  judge: ({ view: { network } }) => tunnelState(network),
};

/** The stages that connect the networks, on the customer's side. */
export const customerNetwork: readonly NetworkStage[] = [SETTINGS, OBJECTS, TUNNEL];

/** Whether the tunnel is up. */
export function tunnelState({ connections }: NetworkView): "DONE" | Unfinished<never> {
  const values = connections.map((connection) => fieldsOf(connection.status)["value"]);
  if (values.includes("Connected")) return "DONE";
  const [first] = connections;
  const value = typeof values[0] === "string" ? values[0] : "no connection yet";
  return {
    status: "DOING",
    message: `The tunnel between the two networks is not up: ${value}.`,
    late: "Check that the provider's gateway port (UDP) is reachable from this cluster.",
    ...(first === undefined ? {} : { object: shown(first) }),
  };
}

/** The next change to the provider's network objects; undefined once all are there. */
export function providerNetwork(
  place: TenantPlace,
  network: NetworkView,
  facts: NetworkFacts,
  told: { readonly cidr: Cidrs; readonly publicKey: string | null },
): KubeAction | undefined {
  const wanted = [
    configuration(place, told.cidr),
    network.client === undefined ? gatewayServer(place, facts.liqoNamespace, facts.gatewayService) : undefined,
    told.publicKey === null ? undefined : publicKey(place, told.publicKey),
  ];
  return firstDifference(wanted, network);
}

/** Creates what is missing and corrects what is ours; what somebody else made is left as it is. */
function firstDifference(wanted: readonly (KubeObject | undefined)[], network: NetworkView): KubeAction | undefined {
  for (const object of wanted) {
    if (object === undefined) continue;
    const found = [network.configuration, network.server, network.client, network.publicKey].find(
      (one) => one?.kind === object.kind,
    );
    if (found === undefined) return { do: "create", object };
    if (isOurs(found) && !holds(found.spec, object.spec))
      return { do: "patch", ref: refOf(found), patch: { spec: object.spec } };
  }
  return undefined;
}

/** Whether the spec says what is wanted; what the API server or Liqo adds beside it does not count. */
function holds(found: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null || Array.isArray(wanted)) return isSameJson(found, wanted);
  const fields = fieldsOf(found);
  return Object.entries(wanted).every(([name, value]) => holds(fields[name], value));
}

function replyOf({ answers: { network } }: CustomerSeen): NetworkReply | undefined {
  return network?.type === "network" ? network : undefined;
}

function networkPlace({ task: { peer }, view }: CustomerSeen): TenantPlace {
  return { clusterID: peer.clusterID, fingerprint: peer.fingerprint, namespace: view.namespace?.metadata.name ?? "" };
}
