import type { EnrolmentMode } from "../domain/member.js";
import type { BrokerIdentityService } from "./broker-identity.service.js";
import type { EnrolmentService } from "./enrolment.service.js";

/** What the Broker tells anybody about itself. */
export interface BrokerInfo {
  readonly fingerprint: string;
  readonly name: string;
  readonly url: string;
  readonly descriptor: string;
  readonly enrolmentMode: EnrolmentMode;
  readonly version: string;
}

/** Introduces the Broker. */
export class BrokerInfoService {
  constructor(
    private readonly identity: BrokerIdentityService,
    private readonly enrolment: EnrolmentService,
    private readonly constants: Pick<BrokerInfo, "fingerprint" | "name" | "url" | "version">,
  ) {}

  /** Name, address, signed descriptor and enrolment mode. */
  async describe(): Promise<BrokerInfo> {
    const [descriptor, enrolmentMode] = await Promise.all([this.identity.descriptor(), this.enrolment.mode()]);
    return { ...this.constants, descriptor, enrolmentMode };
  }
}
