import { verifyDescriptor, type Descriptor } from "@catalog/schema/documents/descriptor";

import { MemberUnknownError } from "../domain/member-errors.js";
import type { MemberDescriptors } from "./catalog-ports.js";
import type { Members } from "./ports.js";

/** Verified descriptors that are kept, so that a document costs one verification and not two. */
const KEPT = 1_000;

/** The verified descriptors of members. */
export class VerifiedDescriptors implements MemberDescriptors {
  private readonly verified = new Map<string, Descriptor>();

  constructor(private readonly members: Pick<Members, "find">) {}

  /** The descriptor with the highest number. Throws NOT_A_MEMBER for anybody who is not admitted. */
  async descriptorOf(fingerprint: string): Promise<Descriptor> {
    const member = await this.members.find(fingerprint);
    if (member?.status !== "ADMITTED") throw new MemberUnknownError(fingerprint);
    const known = this.verified.get(member.descriptor);
    if (known !== undefined) return known;
    const descriptor = await verifyDescriptor(member.descriptor);
    const [oldest] = this.verified.keys();
    if (oldest !== undefined && this.verified.size >= KEPT) this.verified.delete(oldest);
    this.verified.set(member.descriptor, descriptor);
    return descriptor;
  }
}
