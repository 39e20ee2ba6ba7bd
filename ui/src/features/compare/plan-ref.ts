/** Names a plan in the whole Catalog. */
export interface PlanRef {
  readonly clusterID: string;
  readonly offerID: string;
  readonly planID: string;
}

/** One text for a plan, as it stands in the URL of a comparison. */
export function refText({ clusterID, offerID, planID }: PlanRef): string {
  return [clusterID, offerID, planID].map(encodeURIComponent).join("/");
}

/** The plan that such a text names; undefined if it is none. */
export function parseRef(text: string): PlanRef | undefined {
  try {
    const [clusterID = "", offerID = "", planID = "", ...rest] = text.split("/").map(decodeURIComponent);
    if (clusterID === "" || offerID === "" || planID === "" || rest.length > 0) return undefined;
    return { clusterID, offerID, planID };
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** Path of an offer's page. */
export function offerPath({ clusterID, offerID }: Pick<PlanRef, "clusterID" | "offerID">): string {
  return `/catalog/${encodeURIComponent(clusterID)}/${encodeURIComponent(offerID)}`;
}

/** Path of the page on which units of a plan are bought. */
export function buyPath(plan: PlanRef): string {
  return `${offerPath(plan)}/buy?plan=${encodeURIComponent(plan.planID)}`;
}
