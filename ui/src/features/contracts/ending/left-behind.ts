import { formatAmount, resourceName, resourceOrder } from "../../../lib/format/quantity.ts";
import type { EndRehearsal } from "./documents.ts";

/** One kind of thing that the end of a contract touches. */
export interface LeftBehind {
  readonly title: string;
  /** What becomes of them. */
  readonly about: string;
  readonly total: number;
  readonly items: readonly { readonly name: string; readonly detail: string }[];
}

/** What would be left or lost, kind by kind; kinds of which there is nothing are left out. */
export function leftBehind(rehearsal: EndRehearsal): readonly LeftBehind[] {
  const { role, pods, volumes, services, namespaces, otherContractIDs } = rehearsal;
  const isShared = otherContractIDs.length > 0;
  const stays = "They stay while another contract with that party gives enough.";
  const kinds: LeftBehind[] = [
    {
      title: role === "BUYER" ? "Pods at the provider" : "The customer's pods here",
      about: isShared ? stays : "They are stopped.",
      total: pods.total,
      items: pods.items.map(({ namespace, name, node, requests }) => ({
        name: `${namespace}/${name}`,
        detail: [node, ...asked(requests)].join(" · "),
      })),
    },
    {
      title: "Volumes at the provider",
      about: isShared ? stays : "Their data is lost unless you copy it first.",
      total: volumes.total,
      items: volumes.items.map(({ namespace, name, size, storageClass }) => ({
        name: `${namespace}/${name}`,
        detail: [size, storageClass].filter((part) => part !== null).join(" · "),
      })),
    },
    {
      title: "Services with endpoints there",
      about: "They lose these endpoints.",
      total: services.total,
      items: services.items.map(({ namespace, name, endpoints, otherEndpoints }) => ({
        name: `${namespace}/${name}`,
        detail: `${endpoints} there, ${otherEndpoints} elsewhere`,
      })),
    },
    {
      title: "Namespaces bound to it",
      about: "Without another contract they come home.",
      total: namespaces.total,
      items: namespaces.items.map(({ namespace, otherContractIDs: others }) => ({
        name: namespace,
        detail: others.length === 0 ? "comes home" : `stays with ${others.length} other`,
      })),
    },
  ];
  return kinds.filter(({ total }) => total > 0);
}

/** What a pod asks for, such as "0.5 CPU". */
function asked(requests: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(requests)
    .sort(resourceOrder)
    .map((name) => `${formatAmount(name, requests[name] ?? "")} ${resourceName(name)}`);
}
