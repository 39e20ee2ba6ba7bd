/** One tab of the playground. */
export interface Example {
  readonly query: string;
  /** JSON. */
  readonly variables?: string;
}

/** Which API the playground stands on. */
export type Part = "CONNECTOR" | "BROKER";

/** Something that is there to be bought, and a contract, for the examples to begin with. */
export interface Samples {
  readonly offer?: { readonly clusterID: string; readonly offerID: string; readonly planID: string } | undefined;
  readonly contractID?: string | undefined;
}

const ON_SALE: Example = {
  query: `# What is on sale, the cheapest first.
query OnSale($filter: OfferFilter) {
  offers(filter: $filter, orderBy: COST_ASC) {
    totalCount
    nodes {
      clusterName clusterID
      offerName offerID
      plans { planID planCost planCostCurrency planCostPeriod available resources }
    }
  }
}
`,
  variables: json({
    filter: { maxCost: { amount: 80, currency: "EUR", period: "month" }, minResources: { cpu: "1" } },
  }),
};

const CHANGES: Example = {
  query: `# The Catalog and every change of it: leave it running, and buy in another tab.
subscription Changes {
  catalog {
    type
    cursor
    changes { revision op kind clusterID offerID offer { offerName plans { planID available } } }
  }
}
`,
};

/** What the playground begins with: the tour of the README, step by step. */
export function examplesFor(part: Part, samples: Samples): readonly Example[] {
  return part === "BROKER" ? [ON_SALE, CHANGES, ...BROKER] : [ON_SALE, ...trade(samples), CHANGES, ATTENTION];
}

function trade({ offer, contractID }: Samples): readonly Example[] {
  const { clusterID, offerID, planID } = offer ?? {
    clusterID: "clusterID of an offer",
    offerID: "its offerID",
    planID: "planID of a plan of it",
  };
  return [
    {
      query: `# Buy. The answer comes when the contract is active, or after five seconds as it stands then.
mutation Buy($input: BuyInput!) {
  buy(input: $input) {
    contractID state units code message
    money { total currency period }
    timeline { state at }
  }
}
`,
      variables: json({ input: { clusterID, offerID, planID, units: 1 } }),
    },
    {
      query: `# What was bought and sold, newest first.
query Contracts {
  contracts(first: 20) {
    contractID role state units resources allowedActions
    offer { offerName }
    buyer { prettyName }
    seller { prettyName }
  }
}
`,
    },
    {
      query: `# Every contract that changes, as it is then.
subscription ContractsLive {
  contracts { contractID role state changed code message }
}
`,
    },
    {
      query: `# End a contract, whichever side you are. The other side is told until it has heard it.
mutation Terminate($id: ID!, $reason: String) {
  terminateContract(id: $id, reason: $reason) { contractID state }
}
`,
      variables: json({ id: contractID ?? "id of a contract", reason: "done" }),
    },
  ];
}

const ATTENTION: Example = {
  query: `# What somebody should look at, the most urgent first.
query Attention {
  attention { severity title message link action at }
  diagnostics { check ok severity message whatToDo }
}
`,
};

const BROKER: readonly Example[] = [
  {
    query: `# Who is, was or wants to be a member.
query Members {
  members(first: 50) {
    fingerprint connected lastSeen offers lag
    cluster { clusterPrettyName clusterID status clusterContractEndpoint }
  }
}
`,
  },
  {
    query: `# A join string for one cluster, good for 24 hours. Its text is told this once.
mutation CreateJoinString($name: String) {
  createJoinString(name: $name) { tokenID join expiresAt }
}
`,
    variables: json({ name: "a new cluster" }),
  },
  {
    query: `# How the feed is doing, every few seconds.
subscription Feed {
  feedFigures { head subscribers groups changesLastMinute lag { current behind max } }
}
`,
  },
];

function json(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}
