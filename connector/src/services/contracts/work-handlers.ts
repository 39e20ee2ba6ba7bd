import type { NegotiationDriver } from "./negotiation-driver.js";
import type { OfferPublisher } from "../offers/offer-publisher.service.js";
import type { WorkHandlers } from "./outbox-worker.js";
import type { Announcer } from "../ports.js";
import type { ReleaseService } from "./release.service.js";

/** Which service does the work of each kind. */
export function workHandlers(services: {
  readonly announcer: Announcer;
  readonly publisher: OfferPublisher;
  readonly driver: NegotiationDriver;
  readonly releases: ReleaseService;
}): WorkHandlers {
  return {
    announce: async () => {
      await services.announcer.announce();
      return { isDone: true };
    },
    restock: async (offerID) => {
      const againAt = await services.publisher.restock(offerID);
      return againAt === null ? { isDone: true } : { isDone: false, againAt };
    },
    negotiate: (contractID) => services.driver.drive(contractID),
    reclaim: (contractID) => services.releases.release(contractID),
  };
}
