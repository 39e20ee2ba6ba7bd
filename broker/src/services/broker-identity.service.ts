import { isDeepStrictEqual } from "node:util";

import { signDescriptor, verifyBrokerDescriptor, type BrokerDescriptor } from "@catalog/schema/documents/descriptor";
import type { Signer } from "@catalog/schema/documents/jws";
import type { IdentityKeys } from "@catalog/schema/documents/keys";
import { unixSeconds } from "@catalog/server/clock";

import type { MemberStorage, Now, Work } from "./ports.js";

/** What the operator configured about the Broker. */
export interface BrokerProfile {
  readonly name: string;
  readonly url: string;
  /** SHA-256 of the SubjectPublicKeyInfo of its own certificate, null where another one terminates TLS. */
  readonly tlsSpki: string | null;
}

/** The keys in the data directory are not those the database was filled with. The Broker must not start. */
export class IdentityMismatchError extends Error {
  constructor(own: string, stored: string) {
    super(
      `The database belongs to the Broker with key fingerprint ${stored}, but the keys in the data directory have ${own}. ` +
        `Restore the keys of that Broker into the data directory, or give this Broker a database of its own.`,
    );
    this.name = "IdentityMismatchError";
  }
}

/** The Broker's own identity, alike on every replica. */
export class BrokerIdentityService {
  constructor(
    private readonly storage: MemberStorage,
    private readonly keys: IdentityKeys,
    private readonly signer: Signer,
    private readonly profile: BrokerProfile,
    private readonly now: Now,
  ) {}

  /** Binds an empty database to this identity and brings the stored descriptor up to date. Throws {@link IdentityMismatchError}. */
  async establish(): Promise<void> {
    await this.storage.transact(async (work) => {
      const stored = await work.settings.lock("identity");
      if (stored !== undefined && stored !== this.keys.fingerprint)
        throw new IdentityMismatchError(this.keys.fingerprint, stored);
      if (stored === undefined) await work.settings.set("identity", this.keys.fingerprint);
      await this.refreshDescriptor(work);
    });
  }

  /** The signed descriptor, the same bytes on every replica. */
  async descriptor(): Promise<string> {
    const stored = await this.storage.read.settings.get("descriptor");
    if (stored === undefined) throw new Error("the Broker's descriptor is missing from its settings");
    return stored;
  }

  private async refreshDescriptor(work: Work): Promise<void> {
    const stored = await work.settings.lock("descriptor");
    const before = stored === undefined ? undefined : await verifyBrokerDescriptor(stored);
    const after = this.describe(before);
    if (before === undefined || !isDeepStrictEqual({ ...before, seq: 0, iat: 0 }, { ...after, seq: 0, iat: 0 })) {
      await work.settings.set("descriptor", await signDescriptor(this.signer, after));
    }
  }

  private describe(before: BrokerDescriptor | undefined): BrokerDescriptor {
    const now = this.now();
    return {
      iss: this.keys.fingerprint,
      seq: Math.max((before?.seq ?? 0) + 1, now.getTime()),
      iat: unixSeconds(now),
      brokerName: this.profile.name,
      brokerEndpoint: this.profile.url,
      created: before?.created ?? unixSeconds(now),
      keys: { sig: this.keys.signing.publicJwk, enc: this.keys.encryption.publicJwk },
      rotations: before?.rotations ?? [],
      ...(this.profile.tlsSpki === null ? {} : { tlsSpki: this.profile.tlsSpki }),
    };
  }
}
