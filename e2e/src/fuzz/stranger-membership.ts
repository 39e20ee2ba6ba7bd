import { verifyBrokerDescriptor } from "@catalog/schema/documents/descriptor";
import { encryptJoinToken, verifyChallenge } from "@catalog/schema/documents/enrolment";
import { parseJoinString } from "@catalog/schema/documents/join-string";
import { TYP } from "@catalog/schema/documents/jws";
import {
  ANNOUNCE,
  type Announcement,
  type AnnounceResult,
  type AnnouncedOffer,
  BROKER_DESCRIPTOR,
  type BrokerDescriptorResult,
  CHALLENGE,
  type ChallengeResult,
  type DocumentOutcome,
  ENROL,
  type Enrolment,
  type EnrolResult,
  PUBLISH_OFFERS,
  type PublishOffersResult,
  WITHDRAW_OFFERS,
  type WithdrawOffersResult,
} from "@catalog/schema/operations";
import { type Members, nowSeconds } from "./forge.js";
import { ask, MachineLine } from "./machine-line.js";
import type { Stranger } from "./stranger.js";

/** What an enroller may do otherwise than WIRE.md section 6.2 says. */
export interface EnrolmentChanges {
  /** Members of the signed answer to the challenge. */
  readonly proof?: Members;
  /** Members of the join token. */
  readonly token?: Members;
  /** The descriptor that is sent. */
  readonly descriptor?: string;
  /** Instead of the encrypted token. */
  readonly jwe?: string | null;
}

/** Joins the Broker of a join string: its descriptor, its challenge, then the answer with the token. */
export async function enrol(stranger: Stranger, join: string, changes: EnrolmentChanges = {}): Promise<Enrolment> {
  const { brokerUrl, fingerprint, tokenId, secret } = parseJoinString(join);
  const { broker } = await ask<BrokerDescriptorResult>(brokerUrl, BROKER_DESCRIPTOR);
  const descriptor = await verifyBrokerDescriptor(broker.descriptor);
  if (descriptor.iss !== fingerprint) throw new Error(`${brokerUrl} is ${descriptor.iss}, not ${fingerprint}`);
  const { challenge } = await ask<ChallengeResult>(brokerUrl, CHALLENGE, { fingerprint: stranger.fingerprint });
  const expected = { broker: descriptor, aud: stranger.fingerprint, now: nowSeconds() };
  const { nonce } = await verifyChallenge(challenge, expected);
  const token =
    tokenId === null || secret === null
      ? null
      : await encryptJoinToken(descriptor.keys.enc, {
          tokenId,
          secret,
          iss: stranger.fingerprint,
          nonce,
          ...changes.token,
        });
  const own = changes.descriptor ?? stranger.descriptor();
  const proof = stranger.sign(TYP.enrol, { iss: stranger.fingerprint, aud: fingerprint, nonce, ...changes.proof });
  const { enrol } = await new MachineLine(stranger, brokerUrl, fingerprint).call<EnrolResult>(
    ENROL,
    { descriptor: own, proof, token: changes.jwe === undefined ? token : changes.jwe },
    { "catalog-descriptor": own },
  );
  return enrol;
}

/** Says to the Broker what the stranger lists. */
export async function announce(
  line: MachineLine,
  offers: readonly AnnouncedOffer[],
  asOf = line.stranger.nextNumber(),
): Promise<Announcement> {
  const variables = { descriptor: line.stranger.descriptor(), asOf, offers };
  return (await line.call<AnnounceResult>(ANNOUNCE, variables)).announce;
}

export async function publish(line: MachineLine, documents: readonly string[]): Promise<readonly DocumentOutcome[]> {
  return (await line.call<PublishOffersResult>(PUBLISH_OFFERS, { documents })).publishOffers.results;
}

export async function withdraw(line: MachineLine, documents: readonly string[]): Promise<readonly DocumentOutcome[]> {
  return (await line.call<WithdrawOffersResult>(WITHDRAW_OFFERS, { documents })).withdrawOffers.results;
}
