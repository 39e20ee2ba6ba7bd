import type { Logger } from "@catalog/server/log";
import { DeclarationFiles } from "../declarations/declaration-files.js";
import type { BrokerService } from "../services/brokers/broker.service.js";
import type { LedgerUnit, Transact } from "../services/contracts/ledger-ports.js";
import { DeclarationService } from "../services/declarations/declaration.service.js";
import { DeclaredBrokers } from "../services/declarations/declared-brokers.js";
import { DeclaredOffers } from "../services/declarations/declared-offers.js";
import type { OfferChanges } from "../services/offers/offer-changes.js";

/** What declared offers and Brokers stand on. */
export interface DeclarationParts {
  readonly transact: Transact<LedgerUnit>;
  readonly offerChanges: OfferChanges;
  readonly brokers: BrokerService;
  readonly log: Logger;
  /** File or folder; undefined where nothing is declared. */
  readonly path: string | undefined;
  readonly lookEveryMs: number;
}

/** Wires declared offers and Brokers. */
export function composeDeclarations(parts: DeclarationParts): DeclarationService {
  const { transact, offerChanges, brokers, log, path, lookEveryMs } = parts;
  return new DeclarationService(
    path === undefined ? null : new DeclarationFiles(path),
    new DeclaredOffers(transact, offerChanges),
    new DeclaredBrokers(brokers),
    log,
    lookEveryMs,
  );
}
