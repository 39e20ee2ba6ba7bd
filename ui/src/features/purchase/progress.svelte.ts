import type { AppContext } from "../../lib/app-context.ts";
import { ApiError } from "../../lib/graphql/api-error.ts";
import { LiveValue } from "../../lib/live/live-value.svelte.ts";
import {
  PEERING_CHANGED,
  type PeeringProgress,
  type Progress,
  PURCHASE,
  PURCHASE_CHANGED,
  PURCHASE_PEERING,
} from "./documents.ts";

/** How far a purchase is: its contract, and the peering once there is one. */
export interface PurchaseProgress {
  readonly contract: Progress;
  readonly peering: NonNullable<PeeringProgress> | undefined;
}

/** The progress of a purchase, live; null for a contract that is not known here. */
export function liveProgress({ api, connection }: AppContext, id: string): LiveValue<PurchaseProgress | null> {
  return new LiveValue(
    {
      load: async () => {
        const contract = await known(api.query(PURCHASE, { id }).then((data) => data.contract));
        if (contract === undefined) return null;
        return { contract, peering: await known(api.query(PURCHASE_PEERING, { id }).then((data) => data.peering)) };
      },
      watch: (changed) => {
        const stops = [
          api.subscribe(PURCHASE_CHANGED, {}, { next: ({ contracts }) => contracts.contractID === id && changed() }),
          api.subscribe(
            PEERING_CHANGED,
            {},
            { next: ({ peerings }) => peerings.contracts.some(({ contractID }) => contractID === id) && changed() },
          ),
        ];
        return () => stops.forEach((stop) => stop());
      },
    },
    connection,
  );
}

/** Undefined for what is not there (yet). */
async function known<T>(reading: Promise<T | null>): Promise<T | undefined> {
  try {
    return (await reading) ?? undefined;
  } catch (error) {
    if (error instanceof ApiError && (error.code === "NOT_FOUND" || error.code === "CONTRACT_NOT_FOUND"))
      return undefined;
    throw error;
  }
}
