/** A Broker this cluster has been registered with. Times in Unix seconds. */
export interface Broker {
  /** The Broker's key fingerprint. */
  readonly brokerID: string;
  readonly brokerName: string;
  /** Base address, without `/graphql`. */
  readonly brokerEndpoint: string;
  /** The signed descriptor it showed last. */
  readonly descriptor: string;
  /** SHA-256 of the public key of its TLS certificate; null where the system's certificate authorities decide. */
  readonly tlsSpki: string | null;
  readonly membership: "PENDING" | "ADMITTED";
  readonly isSubscribed: boolean;
  /** True if a declaration registered it: nobody else changes that. */
  readonly isDeclared: boolean;
  readonly registeredAt: number;
  /** When the replica was last known to be complete and current; null before the first time. */
  readonly syncedAt: number | null;
}
