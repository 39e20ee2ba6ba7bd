import { CatalogError } from "@catalog/schema/errors";
import type { Party } from "@catalog/schema/contract";
import { type Descriptor, signDescriptor, verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { peekJws } from "@catalog/schema/documents/jws";
import { isAddress } from "@catalog/schema/documents/members";
import { nameProblems } from "@catalog/schema/field-checks";
import { type Problem, requireNoProblems } from "@catalog/schema/problem";
import { randomId } from "@catalog/server/random";
import { canonicalJson } from "../../domain/canonical-json.js";
import { seconds } from "../../domain/contract-change.js";
import { CONNECTOR_ACTOR } from "../contracts/contract-ledger.js";
import type { ClusterProfile, LedgerUnit, Transact } from "../contracts/ledger-ports.js";
import type { ClusterDriver, Identity } from "../ports.js";
import { publishAll } from "../offers/offer-signing.js";
import { requireSafeSelling } from "./selling-safety.js";

/** The name and the contract endpoint that `initCatalog` sets. */
export interface ClusterNames {
  readonly prettyName: string;
  readonly contractEndpoint: string;
}

/** The keys are not those that the database was filled with: what it holds was agreed by another party. */
export class IdentityMismatchError extends Error {
  constructor(own: string, stored: string) {
    super(
      `The database belongs to the cluster with key fingerprint ${stored}, but the keys in the data directory have ${own}. ` +
        `Bring those keys back (catalog restore --identity-only), or give this Connector a database of its own.`,
    );
    this.name = "IdentityMismatchError";
  }
}

/** Who this cluster is for others: its profile, its signed descriptor and its half of a contract. */
export class ClusterService {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    readonly identity: Identity,
    private readonly driver: ClusterDriver,
    /** SHA-256 of the public key of the own TLS certificate, where it is self-signed. */
    private readonly tlsSpki: string | undefined,
  ) {}

  profile(): Promise<ClusterProfile | undefined> {
    return this.transact((unit) => unit.cluster.profile());
  }

  /** Gives the cluster its name and its contract endpoint; repeated, it changes them. @throws BAD_USER_INPUT. */
  initialise(names: ClusterNames, actor: string): Promise<ClusterProfile> {
    return this.change(actor, "cluster.initialised", () => names);
  }

  /** Changes the name under which others see this cluster, in every offer too. @throws BAD_USER_INPUT, NOT_INITIALISED. */
  setPrettyName(prettyName: string, actor: string): Promise<ClusterProfile> {
    return this.change(actor, "cluster.renamed", (before) => ({
      prettyName,
      contractEndpoint: required(before).contractEndpoint,
    }));
  }

  /** Changes the address at which other Connectors reach this one. @throws BAD_USER_INPUT, NOT_INITIALISED. */
  setContractEndpoint(contractEndpoint: string, actor: string): Promise<ClusterProfile> {
    return this.change(actor, "cluster.moved", (before) => ({
      prettyName: required(before).clusterPrettyName,
      contractEndpoint,
    }));
  }

  /** The own signed descriptor. @throws NOT_INITIALISED. */
  async descriptor(): Promise<string> {
    const jws = await this.transact((unit) => unit.cluster.descriptor());
    if (jws === undefined) throw notInitialised();
    return jws;
  }

  /** This cluster as one side of a contract. @throws NOT_INITIALISED. */
  async party(): Promise<Party> {
    const profile = required(await this.profile());
    const { clusterID, clusterName } = await this.driver.parameters();
    return {
      fingerprint: this.identity.fingerprint,
      clusterID,
      clusterName,
      prettyName: profile.clusterPrettyName,
      contractEndpoint: profile.contractEndpoint,
      encKey: this.identity.keys.encryption.publicJwk,
      liqo: this.driver.liqo(),
    };
  }

  /** @throws UNAVAILABLE while a customer could take more than it buys. */
  requireSafeSelling(): void {
    requireSafeSelling(this.driver);
  }

  /** @throws IdentityMismatchError if the database is that of another identity. */
  async requireOwnDatabase(): Promise<void> {
    const known = await this.transact((unit) => unit.cluster.descriptor());
    if (known === undefined) return;
    const { iss } = peekJws<{ readonly iss: string }>(known).payload;
    if (iss !== this.identity.fingerprint) throw new IdentityMismatchError(this.identity.fingerprint, iss);
  }

  /** Begins a new incarnation when the database is not the one, or not the life of it, that it was. Also to be called after a reconnect. */
  checkIncarnation(): Promise<void> {
    return this.transact(async (unit) => {
      const { found, saved } = await unit.cluster.databaseIdentity();
      if (found === saved) return;
      const incarnation = `${String(unit.now.getTime()).padStart(13, "0")}-${randomId(8)}`;
      await unit.cluster.saveIncarnation(incarnation, found);
      await unit.contracts.stampAll(incarnation, unit.now.getTime());
      if (saved === "") return;
      const message = "The database was restored or copied; contracts are compared with the other parties anew.";
      await unit.activity.add({ actor: CONNECTOR_ACTOR, action: "database.restored", subject: incarnation, message });
    });
  }

  /** Signs the descriptor anew if anything in it has changed. Nothing before `initCatalog`. */
  async refreshDescriptor(): Promise<void> {
    const parameters = await this.driver.parameters();
    await this.transact((unit) => this.signDescriptor(unit, parameters));
  }

  private async change(
    actor: string,
    action: string,
    namesFrom: (before: ClusterProfile | undefined) => ClusterNames,
  ): Promise<ClusterProfile> {
    const parameters = await this.driver.parameters();
    return this.transact(async (unit) => {
      const before = await unit.cluster.profile();
      const names = namesFrom(before);
      requireNoProblems([
        ...nameProblems(names.prettyName, "prettyName", 128),
        ...endpointProblems(names.contractEndpoint),
      ]);
      const profile = {
        clusterPrettyName: names.prettyName,
        contractEndpoint: names.contractEndpoint,
        created: before?.created ?? seconds(unit.now),
      };
      if (canonicalJson(profile) === canonicalJson(before ?? null)) return profile;
      await unit.cluster.saveProfile(profile);
      await this.signDescriptor(unit, parameters);
      if (before !== undefined && before.clusterPrettyName !== profile.clusterPrettyName) {
        await publishAll(unit, this.identity.signer, (offer) => ({
          ...offer,
          clusterPrettyName: profile.clusterPrettyName,
        }));
      }
      const message = `This cluster is ${profile.clusterPrettyName}, reached at ${profile.contractEndpoint}`;
      await unit.activity.add({ actor, action, subject: this.identity.fingerprint, message });
      return profile;
    });
  }

  private async signDescriptor(
    unit: LedgerUnit,
    parameters: Awaited<ReturnType<ClusterDriver["parameters"]>>,
  ): Promise<void> {
    const profile = await unit.cluster.profile();
    if (profile === undefined) return;
    const { mode, version } = this.driver.liqo();
    const content: Omit<Descriptor, "seq" | "iat"> = {
      iss: this.identity.fingerprint,
      clusterID: parameters.clusterID,
      clusterName: parameters.clusterName,
      clusterPrettyName: profile.clusterPrettyName,
      endpoint: parameters.endpoint,
      clusterContractEndpoint: profile.contractEndpoint,
      created: profile.created,
      keys: { sig: this.identity.keys.signing.publicJwk, enc: this.identity.keys.encryption.publicJwk },
      rotations: [],
      liqo: { mode, version },
      ...(this.tlsSpki === undefined ? {} : { tlsSpki: this.tlsSpki }),
    };
    const known = await unit.cluster.descriptor();
    if (known !== undefined && (await isSame(known, content))) return;
    const seq = await unit.cluster.nextNumber();
    await unit.cluster.saveDescriptor(
      await signDescriptor(this.identity.signer, { ...content, seq, iat: seconds(unit.now) }),
    );
    await unit.outbox.add({ kind: "announce" });
    unit.changed("descriptor", String(seq));
  }
}

async function isSame(jws: string, content: Omit<Descriptor, "seq" | "iat">): Promise<boolean> {
  const { seq: _seq, iat: _iat, ...known } = await verifyDescriptor(jws);
  return canonicalJson(known) === canonicalJson(content);
}

function endpointProblems(endpoint: string): Problem[] {
  if (isAddress(endpoint)) return [];
  const message =
    "must be an http(s) address such as https://catalog.example.org:6003, without user, query or fragment.";
  return [{ path: "contractEndpoint", message }];
}

function required(profile: ClusterProfile | undefined): ClusterProfile {
  if (profile === undefined) throw notInitialised();
  return profile;
}

function notInitialised(): CatalogError {
  return new CatalogError(
    "NOT_INITIALISED",
    "This cluster has no name and no contract endpoint yet: call initCatalog first.",
  );
}
