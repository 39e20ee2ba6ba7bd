import { systemClock, type Clock } from "@catalog/server/clock";
import { loadAdminToken } from "@catalog/server/identity/admin-token";
import { loadOrCreateKeys } from "@catalog/server/identity/key-store";
import { withKeptFiles } from "@catalog/server/identity/kept-files";
import { PodSecret } from "@catalog/server/identity/secret-store";
import type { Logger } from "@catalog/server/log";
import { SafeFetch } from "@catalog/server/outgoing/safe-fetch";
import { randomId } from "@catalog/server/random";
import { loadTls, type TlsMaterial, type TlsSource } from "@catalog/server/tls/tls-material";
import { signerFrom } from "@catalog/schema/documents/jws";
import type { ConnectorConfig } from "../config.js";
import { ChangeSignals } from "../services/change-signals.js";
import type { Identity } from "../services/ports.js";

/** What exists before anything is waited for. */
export interface BareGround {
  readonly config: ConnectorConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly changes: ChangeSignals;
  readonly safeFetch: SafeFetch;
}

/** What exists before the database does. */
export interface Ground extends BareGround {
  readonly identity: Identity;
  readonly tlsSource: TlsSource;
  readonly tls: TlsMaterial | undefined;
  readonly adminTokenHash: string;
  /** Random, different for every process. */
  readonly instance: string;
}

/** Begins with what needs nobody. */
export function beginGround(config: ConnectorConfig, log: Logger): BareGround {
  return {
    config,
    log,
    clock: systemClock(config.clockOffset),
    changes: new ChangeSignals((error) => log.error({ err: error }, "a listener of a change failed")),
    safeFetch: new SafeFetch({
      allowHttp: config.allowHttp,
      allowCidrs: config.allowCidrs,
      denyCidrs: config.denyCidrs,
      timeoutMs: config.callTimeout,
    }),
  };
}

/** Loads or makes keys, admin token and certificate; waits for Kubernetes where a Secret keeps them, until the signal is aborted. */
export async function identify(begun: BareGround, signal?: AbortSignal): Promise<Ground> {
  const { config, log, clock } = begun;
  const { dataDir, identitySecret } = config;
  const tlsSource: TlsSource = {
    mode: config.tls,
    certFile: config.tlsCertFile,
    keyFile: config.tlsKeyFile,
    dataDir,
    names: config.tlsNames,
  };
  const store = identitySecret === undefined ? undefined : new PodSecret(identitySecret);
  const { keys, token, tls } = await withKeptFiles({ dataDir, store, log, signal }, async () => ({
    keys: await loadOrCreateKeys(dataDir),
    token: await loadAdminToken(dataDir, config.adminToken),
    tls: await loadTls(tlsSource, clock.now()),
  }));
  if (token.isNew) log.info({ file: token.file }, "the token of the admin API was made; it stands in this file");
  const identity = { fingerprint: keys.fingerprint, keys, signer: await signerFrom(keys) };
  return { ...begun, identity, tlsSource, tls, adminTokenHash: token.hash, instance: randomId(16) };
}
