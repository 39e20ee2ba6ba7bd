/** What the scalars of both APIs are in JSON. */
export interface Scalars {
  /** A moment in Unix seconds, or another whole number up to 2^53 - 1. */
  Timestamp: number;
  /** A number with at most 6 decimals; calculate with `toMicros`. */
  Money: number;
  /** Kubernetes resource name → quantity. */
  ResourceList: Record<string, string>;
  Labels: Record<string, string>;
}
