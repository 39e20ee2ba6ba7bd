import { type Cidrs, configuration, gatewayClient, gatewayServer, publicKey } from "../forge/network.js";
import { isSameJson } from "../forge/same-json.js";
import { isOurs } from "../forge/tenant-labels.js";
import type { KubeObject } from "../kube/kube-api.js";
import type { NetworkReply } from "../forge/handshake-messages.js";
import { clean, statusOf, unanswered, type CustomerSeen, type CustomerStage } from "./customer-seen.js";
import type { NetworkFacts } from "./network-facts.js";
import { placeOf } from "./place-stages.js";
import { fieldsOf, refOf, removal, shown, type KubeAction, type Unfinished } from "./stages.js";
import { removing, type TakeDownSeen } from "./take-down-stages.js";
import type { NetworkView, TenantView } from "./tenant-view.js";
import type { TenantPlace } from "../forge/handshake.js";

const CONNECTING: CustomerStage = {
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
    if (network.type === "unusable") return unanswered(network, "");
    const says = "message" in network ? network.message : "";
    return {
      status: network.type === "refused" ? "FAILED" : "WAITING",
      message: `The provider's network is not ready: ${clean(says)}`,
    };
  },
};

const GATEWAY: CustomerStage = {
  name: "gateway",
  judge: (seen) => {
    const { network } = seen.view;
    const reply = replyOf(seen);
    if (reply === undefined) return "DONE";
    if (reply.endpoint === null && network.server === undefined)
      return {
        status: "WAITING",
        message: "The provider's gateway has no address yet.",
        late: "Ask the provider whether its gateway Service has one.",
      };
    const action = gatewayAction(seen, reply);
    if (action !== undefined)
      return { status: "DOING", message: "Liqo is given the provider's half of the network.", action };
    if (reply.publicKey === null || network.ownKey === null)
      return {
        status: "WAITING",
        message: "The keys of the tunnel are being made.",
        late: "Look at the gateway's pods on both sides.",
      };
    return "DONE";
  },
};

/**
 * One tunnel carries both directions of a pair. Where the two clusters buy from each other and both have begun to wait for the other's call,
 * the one with the larger id calls.
 */
function gatewayAction(seen: CustomerSeen, { cidr, endpoint, publicKey: key }: NetworkReply): KubeAction | undefined {
  const { network } = seen.view;
  const { ownID, liqoNamespace } = seen.networkFacts;
  const place = placeOf(seen);
  const yields = isOurServer(network) && ownID > place.clusterID;
  const wanted = [
    endpoint !== null && (network.server === undefined || yields)
      ? gatewayClient(place, liqoNamespace, endpoint)
      : undefined,
    configuration(place, cidr),
    key === null ? undefined : publicKey(place, key),
  ];
  const action = firstDifference(wanted, network);
  if (action !== undefined || endpoint === null || !yields || network.server === undefined) return action;
  return network.server.metadata.deletionTimestamp === undefined ? removal(network.server) : undefined;
}

function isOurServer({ server }: NetworkView): boolean {
  return server !== undefined && isOurs(server);
}

const TUNNEL: CustomerStage = {
  name: "tunnel",
  judge: ({ view: { network } }) => tunnelState(network),
};

/** The stages that connect the networks, on the customer's side. */
export const networkStages: readonly CustomerStage[] = [CONNECTING, GATEWAY, TUNNEL];

/** What is ours of the customer's half; without what the other direction of the pair needs. */
function customerHalf({ network }: TenantView): readonly (KubeObject | undefined)[] {
  const { client, server, publicKey: key, configuration: ranges } = network;
  return [client, ...(server === undefined ? [key, ranges] : [])];
}

/** What is ours of the provider's half; without what the other direction of the pair needs. */
function providerHalf({ network }: TenantView): readonly (KubeObject | undefined)[] {
  const { client, server, publicKey: key, configuration: ranges } = network;
  return [server, ...(client === undefined ? [key, ranges] : [])];
}

const LATE = "Look at the finalizers of the network objects.";

/** Removes the customer's half. */
export const CUSTOMER_HALF_REMOVED = removing<TakeDownSeen>("network", ({ view }) => customerHalf(view), LATE);

/** Removes the provider's half. */
export const PROVIDER_HALF_REMOVED = removing<TakeDownSeen>("network", ({ view }) => providerHalf(view), LATE);

const DISCONNECTING: CustomerStage = {
  name: "gateway",
  judge: (seen) =>
    statusOf(seen)?.hasNetwork === true && seen.answers.disconnect === undefined
      ? {
          status: "WAITING",
          message: "The provider is asked to take its half of the network down.",
          action: { do: "ask", message: { type: "disconnect" } },
        }
      : "DONE",
};

/** The stages in which a network goes that is not wanted any more; none where there is none. */
export function noNetworkStages(seen: CustomerSeen): readonly CustomerStage[] {
  const hasHalf = customerHalf(seen.view).some((object) => object !== undefined && isOurs(object));
  return hasHalf || statusOf(seen)?.hasNetwork === true ? [CUSTOMER_HALF_REMOVED, DISCONNECTING] : [];
}

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
    // First: what stands there without a gateway is taken for a rest.
    network.client === undefined ? gatewayServer(place, facts.liqoNamespace, facts.gatewayService) : undefined,
    configuration(place, told.cidr),
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
