import { keyChain, verifyDescriptor } from "@catalog/schema/documents/descriptor";
import type { PublicJwk } from "@catalog/schema/documents/keys";

import type { Member } from "../domain/member.js";
import type { MemberService } from "../services/member.service.js";

interface KnownKeys {
  readonly descriptor: string;
  readonly byKid: ReadonlyMap<string, PublicJwk>;
}

/** Most clusters whose keys are remembered. */
const REMEMBERED = 10_000;

/** The signing keys of clusters that enrolled here, from the descriptors that were verified then. */
export class MemberKeys {
  private readonly known = new Map<string, KnownKeys>();

  constructor(private readonly members: Pick<MemberService, "find">) {}

  /** The cluster of this identity, whatever its standing; read anew each time, because it may have been revoked. */
  find(fingerprint: string): Promise<Member | undefined> {
    return this.members.find(fingerprint);
  }

  /** The key in use if it is `kid`; undefined for another one and for an unknown identity. */
  async keyOf(kid: string, fingerprint: string): Promise<PublicJwk | undefined> {
    const member = await this.find(fingerprint);
    if (member === undefined) return undefined;
    const known = this.known.get(fingerprint);
    const keys = known?.descriptor === member.descriptor ? known : await this.remember(member);
    return keys.byKid.get(kid);
  }

  private async remember({ fingerprint, descriptor }: Member): Promise<KnownKeys> {
    const current = (await keyChain(await verifyDescriptor(descriptor))).at(-1);
    const keys: KnownKeys = { descriptor, byKid: new Map(current === undefined ? [] : [[current.kid, current.jwk]]) };
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.set(fingerprint, keys);
    return keys;
  }
}
