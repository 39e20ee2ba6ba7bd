import type { Part, Samples } from "./examples.ts";

/** What the playground knows of the server that served it. */
export interface Served {
  readonly part: Part;
  readonly samples: Samples;
}

/** Valid at both parts: what is there to be bought, and which of the two this is. */
const WHAT = `{
  viewer { __typename }
  broker: __type(name: "BrokerInfo") { name }
  offers(first: 1, orderBy: COST_ASC, filter: { onlyAvailable: true }) {
    nodes { clusterID offerID plans { planID available } }
  }
}`;
const CONTRACT = `{ contracts(first: 20) { contractID allowedActions } }`;

interface What {
  readonly broker: { readonly name: string } | null;
  readonly offers: {
    readonly nodes: readonly {
      readonly clusterID: string;
      readonly offerID: string;
      readonly plans: readonly { readonly planID: string; readonly available: number }[];
    }[];
  };
}

/** Asks the server who it is; undefined if the session does not count there any more. */
export async function askServer(secret: string): Promise<Served | undefined> {
  const what = await ask<What>(secret, WHAT);
  if (what === undefined) return undefined;
  const [offer] = what.offers.nodes;
  const plan = offer?.plans.find(({ available }) => available > 0);
  const sample = offer && plan && { clusterID: offer.clusterID, offerID: offer.offerID, planID: plan.planID };
  if (what.broker !== null) return { part: "BROKER", samples: { offer: sample } };
  const mine = await ask<{ contracts: { contractID: string; allowedActions: string[] }[] }>(secret, CONTRACT);
  const open = mine?.contracts.find(({ allowedActions }) => allowedActions.includes("TERMINATE"));
  return { part: "CONNECTOR", samples: { offer: sample, contractID: open?.contractID } };
}

async function ask<D>(secret: string, query: string): Promise<D | undefined> {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", "catalog-session": secret },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as { data?: D | null };
  return data ?? undefined;
}
