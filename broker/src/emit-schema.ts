import { fileURLToPath } from "node:url";

import { writeSdl } from "@catalog/server/graphql/emit-schema";

import { buildBrokerSchema } from "./graphql/build-schema.js";

/** Writes the Broker's SDL into the schema package. */
await writeSdl(
  await buildBrokerSchema(new Map()),
  fileURLToPath(new URL("../../schema/broker.graphql", import.meta.url)),
);
