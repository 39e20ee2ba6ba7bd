import type { ResultOf } from "gql.tada";
import { brokerGraphql } from "../../lib/graphql/broker.ts";

const FIGURES = brokerGraphql(`
  fragment FeedFiguresShown on FeedFigures @_unmask {
    head epoch epochBegan horizon subscribers groups memberSockets changesLastMinute waitingDocuments clusters offers
    lag { current behind median p90 max }
  }
`);
const EQUIVOCATION = brokerGraphql(`
  fragment EquivocationRow on SeenEquivocation @_unmask { equivocationID fingerprint kind offerID number seenAt first second }
`);

export const FEED_FIGURES = brokerGraphql(`query FeedFigures { feedFigures { ...FeedFiguresShown } }`, [FIGURES]);
export const FEED_FIGURES_CHANGED = brokerGraphql(
  `subscription FeedFiguresChanged { feedFigures { ...FeedFiguresShown } }`,
  [FIGURES],
);
export const EQUIVOCATIONS = brokerGraphql(
  `query Equivocations($first: Int!, $after: ID) { equivocations(first: $first, after: $after) { ...EquivocationRow } }`,
  [EQUIVOCATION],
);
export const RESYNCHRONISE = brokerGraphql(`mutation ResynchroniseMembers { resynchroniseMembers }`);

export type FeedFigures = ResultOf<typeof FIGURES>;
export type EquivocationRow = ResultOf<typeof EQUIVOCATION>;
