import { resourceSlice } from "../forge/handshake.js";
import { isSameJson } from "../forge/same-json.js";
import { conditionOf } from "../forge/slice-status.js";
import { isOurs } from "../forge/tenant-labels.js";
import { byHand, clean, sliceOf, statusOf, type CustomerSeen, type CustomerStage } from "./customer-seen.js";
import { placeOf } from "./place-stages.js";
import { fieldsOf, refOf, shown } from "./stages.js";

/** What was bought is asked for. */
export const SLICE: CustomerStage = {
  name: "slice",
  judge: (seen) => {
    const wanted = resourceSlice(placeOf(seen), seen.className, seen.resources);
    const found = sliceOf(seen);
    if (found === undefined)
      return {
        status: "DOING",
        message: "What was bought is being asked for.",
        action: { do: "create", object: wanted },
      };
    if (found.metadata.deletionTimestamp !== undefined)
      return {
        status: "DOING",
        message: "An earlier ResourceSlice is still being removed.",
        object: shown(found),
        late: "The provider has to be reachable for that.",
      };
    if (!isOurs(found)) return byHand(found);
    if (isSliceRight(seen)) return "DONE";
    const resources = { ...nulls(fieldsOf(fieldsOf(found.spec)["resources"])), ...seen.resources };
    const patch = { spec: { class: seen.className, resources } };
    return {
      status: "DOING",
      message: "The ResourceSlice is fitted to what was bought.",
      action: { do: "patch", ref: refOf(found), patch },
    };
  },
};

const GRANT: CustomerStage = {
  name: "grant",
  judge: (seen) => {
    const slice = sliceOf(seen);
    const authentication = slice && conditionOf(slice, "Authentication");
    const resources = slice && conditionOf(slice, "Resources");
    const object = slice === undefined ? {} : { object: shown(slice) };
    if (authentication?.status === "Denied")
      return {
        ...object,
        status: "WAITING",
        message: `The provider's Liqo does not accept the ResourceSlice: ${clean(authentication.message)}`,
        whatToDo:
          "If it says that requests do not match, ask the provider to delete Secret liqo-remote-certificate-<slice> in this cluster's namespace there.",
      };
    if (resources?.status === "Denied")
      return {
        ...object,
        status: "WAITING",
        message: `The provider grants nothing: ${clean(resources.message)}`,
        whatToDo: "Ask the provider; its Connector shows the same contract.",
      };
    if (authentication?.status === "Accepted" && resources?.status === "Accepted") return "DONE";
    const says = statusOf(seen)?.message ?? "";
    return {
      ...object,
      status: "WAITING",
      message: `The provider has not granted the ResourceSlice yet.${says === "" ? "" : ` It says: ${clean(says)}`}`,
      late: "A refusal by the provider's policies is not shown on the ResourceSlice. Check that Liqo here reaches the provider's API server, and ask the provider.",
    };
  },
};

const NODE: CustomerStage = {
  name: "node",
  judge: ({ node: { isReady, says } }) => {
    if (isReady) return "DONE";
    return {
      status: "DOING",
      message:
        says === undefined
          ? "Liqo has not made a virtual node yet."
          : `The virtual node is not ready: Liqo says ${says}.`,
      late: "Look at the VirtualNode and at the virtual kubelet's pod in the namespace of the provider.",
    };
  },
};

/** Whether the slice asks for exactly what was bought. */
export function isSliceRight(seen: CustomerSeen): boolean {
  const spec = fieldsOf(sliceOf(seen)?.spec);
  return spec["class"] === seen.className && isSameJson(spec["resources"], seen.resources);
}

function nulls(resources: Readonly<Record<string, unknown>>): Readonly<Record<string, null>> {
  return Object.fromEntries(Object.keys(resources).map((name) => [name, null]));
}

/** The stages from a slice that is asked for to a node that can be used. */
export const usageStages: readonly CustomerStage[] = [GRANT, NODE];
