import type { AppContext } from "../../lib/app-context.ts";
import { ApiError } from "../../lib/graphql/api-error.ts";
import { LiveValue } from "../../lib/live/live-value.svelte.ts";
import type { OfferRow } from "../catalog/documents.ts";
import { COMPARED_CHANGED, COMPARED_OFFER } from "./documents.ts";
import { type PlanRef, refText } from "./plan-ref.ts";

/** A plan with its offer; without them where the Catalog does not have it any more. */
export interface ComparedPlan {
  readonly ref: PlanRef;
  readonly offer: OfferRow | undefined;
  readonly plan: OfferRow["plans"][number] | undefined;
}

/** Some plans with their offers, as they are now; read again whenever one of their providers has changed something. */
export function comparedPlans(
  { api, connection }: AppContext,
  refs: readonly PlanRef[],
): LiveValue<readonly ComparedPlan[]> {
  let cursor: string | null = null;
  const filter = { clusterIDs: [...new Set(refs.map(({ clusterID }) => clusterID))] };
  return new LiveValue(
    {
      load: () => Promise.all(refs.map((ref) => read(api, ref))),
      watch: (changed) =>
        api.subscribe(COMPARED_CHANGED, () => ({ since: cursor, filter }), {
          next: ({ catalog }) => {
            const isNews = cursor !== null && catalog.type === "ITEMS";
            // What comes before the first SYNCED is what was there before: that has just been read.
            if (catalog.type === "SYNCED" || cursor !== null) cursor = catalog.cursor;
            if (isNews) changed();
          },
        }),
    },
    connection,
  );
}

async function read(api: AppContext["api"], ref: PlanRef): Promise<ComparedPlan> {
  try {
    const { offer } = await api.query(COMPARED_OFFER, { clusterID: ref.clusterID, offerID: ref.offerID });
    const plan = offer?.plans.find(({ planID }) => planID === ref.planID);
    return { ref, offer: offer ?? undefined, plan };
  } catch (error) {
    if (error instanceof ApiError && error.code === "OFFER_NOT_FOUND")
      return { ref, offer: undefined, plan: undefined };
    throw error;
  }
}

/** Each plan once. */
export function distinct(refs: readonly PlanRef[]): readonly PlanRef[] {
  return [...new Map(refs.map((ref) => [refText(ref), ref])).values()];
}
