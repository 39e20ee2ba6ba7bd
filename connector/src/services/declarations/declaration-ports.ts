import type { BrokerEntry, OfferEntry } from "../../domain/declaration.js";

/** A declared Broker with its join string, where there is one. */
export interface DeclaredBroker extends Omit<BrokerEntry, "join" | "joinFile"> {
  /** Null while its file is missing or empty. */
  readonly join: string | null;
  /** The file that it stands in; null if it stands in the declaration, where no secret may stand. */
  readonly joinFile: string | null;
}

/** Everything that is declared. */
export interface Declaration {
  readonly offers: readonly OfferEntry[];
  readonly brokers: readonly DeclaredBroker[];
}

/** Where declarations stand. */
export interface DeclarationSource {
  /** Names it for people. */
  readonly path: string;
  /** What is declared now. @throws Error that says what cannot be used: then nothing may be changed. */
  read(): Promise<Declaration>;
}

/** How the declarations stand. */
export interface DeclarationReport {
  readonly path: string;
  /** What is wrong, a sentence each; empty if everything is as declared. */
  readonly problems: readonly string[];
  /** How many are declared; null before they could be read. */
  readonly declared: { readonly offers: number; readonly brokers: number } | null;
}
