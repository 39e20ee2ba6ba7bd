import { signerFrom, type Signer } from "@catalog/schema/documents/jws";
import type { IdentityKeys } from "@catalog/schema/documents/keys";
import { systemClock, type Clock } from "@catalog/server/clock";
import type { Database } from "@catalog/server/database/database";
import { openDatabase } from "@catalog/server/database/open-database";
import { loadAdminToken, type AdminToken } from "@catalog/server/identity/admin-token";
import { loadOrCreateKeys } from "@catalog/server/identity/key-store";
import { withKeptFiles } from "@catalog/server/identity/kept-files";
import { PodSecret } from "@catalog/server/identity/secret-store";
import type { Logger } from "@catalog/server/log";
import { loadTls, type TlsMaterial, type TlsSource } from "@catalog/server/tls/tls-material";

import type { BrokerConfig } from "./config.js";
import type { Now } from "./services/ports.js";
import { BROKER_MIGRATIONS } from "./storage/migrations.js";
import { asTransactional, type TransactionalDatabase } from "./storage/queryable.js";

/** What every part of a Broker stands on. */
export interface Ground {
  readonly config: BrokerConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly now: Now;
  readonly keys: IdentityKeys;
  readonly signer: Signer;
  readonly admin: AdminToken;
  readonly tls: TlsMaterial | undefined;
  readonly database: Database;
  readonly sql: TransactionalDatabase;
}

/** Loads or makes keys, admin token and certificate, and opens the database, which may be away for now. */
export async function openGround(config: BrokerConfig, log: Logger, signal?: AbortSignal): Promise<Ground> {
  const clock = systemClock(config.clockOffset);
  const { dataDir, identitySecret } = config;
  const store = identitySecret === undefined ? undefined : new PodSecret(identitySecret);
  const { keys, admin, tls } = await withKeptFiles({ dataDir, store, log, signal }, async () => ({
    keys: await loadOrCreateKeys(dataDir),
    admin: await loadAdminToken(dataDir, config.adminToken),
    tls: await loadTls(tlsSource(config), clock.now()),
  }));
  if (admin.isNew) log.info({ file: admin.file }, "the admin token of this Broker was made; this file shows it");
  const database = await openDatabase({
    url: config.databaseUrl,
    dataDir: config.dataDir,
    name: "broker",
    entities: [],
    migrations: BROKER_MIGRATIONS,
    log,
    production: config.nodeEnv === "production",
    clockOffsetMs: config.clockOffset,
    poolSize: config.databasePool,
  });
  const now = (): Date => clock.now();
  return {
    config,
    log,
    clock,
    now,
    keys,
    signer: await signerFrom(keys),
    admin,
    tls,
    database,
    sql: asTransactional(database),
  };
}

/** Where the certificate of the GraphQL port comes from. */
export function tlsSource(config: BrokerConfig): TlsSource {
  const names = [...new Set([new URL(config.publicUrl).hostname, "localhost", "127.0.0.1"])];
  return { mode: config.tls, certFile: config.tlsCertFile, keyFile: config.tlsKeyFile, dataDir: config.dataDir, names };
}
