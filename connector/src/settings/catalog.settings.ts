import { duration, integer, text } from "@catalog/server/config-settings";
import { MINUTE, SECOND } from "./units.js";

/** Brokers and the Catalog. */
export const CATALOG_SETTINGS = {
  feedSilence: duration({
    env: "FEED_SILENCE",
    default: 45 * SECOND,
    min: 50,
    description: "Silence after which the connection to a Broker counts as dead.",
  }),
  feedConnect: duration({
    env: "FEED_CONNECT",
    default: 15 * SECOND,
    min: 50,
    description: "How long a Broker may take to accept a connection.",
  }),
  reconnectFirst: duration({
    env: "RECONNECT_FIRST",
    default: SECOND,
    min: 1,
    description: "Upper bound of the first wait before connecting to a Broker again; it doubles with every failure.",
  }),
  reconnectMax: duration({
    env: "RECONNECT_MAX",
    default: MINUTE,
    min: 1,
    description: "Upper bound of every such wait.",
  }),
  publishBatch: integer({
    env: "PUBLISH_BATCH",
    default: 20,
    min: 1,
    max: 500,
    description: "Documents handed to a Broker in one request.",
  }),
  publishPause: duration({ env: "PUBLISH_PAUSE", default: SECOND, description: "Pause between two such requests." }),
  catalogLog: integer({
    env: "CATALOG_LOG",
    default: 10_000,
    min: 100,
    description: "Changes of the Catalog kept in memory for subscribers of the admin API who resume.",
  }),
  catalogHeartbeat: duration({
    env: "CATALOG_HEARTBEAT",
    default: 15 * SECOND,
    min: 50,
    description: "After how long a silence the catalog subscription of the admin API sends a HEARTBEAT.",
  }),
  maxOffers: integer({
    env: "MAX_OFFERS",
    default: 200,
    min: 1,
    max: 10_000,
    description: "Offers that this cluster may list at once; Brokers refuse more than their own bound.",
  }),
  declarations: text({
    env: "DECLARATIONS",
    description:
      "YAML file, or folder of such files, with the offers and Brokers of this cluster: they are made as it says at start and whenever it changes, and the API does not change them.",
  }),
  declarationsLook: duration({
    env: "DECLARATIONS_LOOK",
    default: 5 * SECOND,
    min: 50,
    description: "How often that is read.",
  }),
  callTimeout: duration({
    env: "CALL_TIMEOUT",
    default: 10 * SECOND,
    min: 50,
    description: "How long a call to a Broker or another Connector may take.",
  }),
};
