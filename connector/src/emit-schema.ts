import "reflect-metadata";
import { writeSdl } from "@catalog/server/graphql/emit-schema";
import { fileURLToPath } from "node:url";
import { buildAdminSchema } from "./graphql/admin/admin-schema.js";
import { buildPeerSchema } from "./graphql/peer/build-peer-schema.js";

const FOLDER = new URL("../../schema/", import.meta.url);

await writeSdl(await buildAdminSchema(), fileURLToPath(new URL("connector.graphql", FOLDER)));
await writeSdl(await buildPeerSchema(), fileURLToPath(new URL("peer.graphql", FOLDER)));
