/** What the playground begins with: the tour of the README. */
export const EXAMPLES: readonly { query: string; variables?: string }[] = [
  {
    query: `# What is on sale, the cheapest first.
query OnSale {
  offers(filter: { maxCost: { amount: 80, currency: "EUR", period: month } }, orderBy: COST_ASC) {
    nodes {
      clusterName
      offerName
      plans { planID planCost planCostCurrency planCostPeriod available resources }
    }
  }
}
`,
  },
  {
    query: `# The Catalog and every change of it.
subscription Changes {
  catalog {
    type
    cursor
    changes { revision op kind clusterID offerID offer { offerName plans { planID available } } }
  }
}
`,
  },
];
