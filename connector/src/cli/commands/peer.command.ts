import { CREATE_PEERING, DELETE_PEERING, PEERING_MANIFESTS, PEERING_OF, PEERINGS } from "../api/documents.js";
import type { PeeringView } from "../api/views.js";
import { CliError } from "../cli-error.js";
import type { Family } from "../context.js";
import { EXIT } from "../exit-codes.js";
import type { Column } from "../output.js";

const ID = "id of a contract";

const COLUMNS: readonly Column<PeeringView>[] = [
  ["peer", (one) => one.peer.prettyName],
  ["cluster id", (one) => one.peer.clusterID],
  ["side", (one) => one.side.toLowerCase()],
  ["phase", (one) => one.phase],
  ["contracts", (one) => one.contracts.map(({ contractID }) => contractID).join(", ")],
  ["message", (one) => one.message],
  ["what to do", (one) => one.whatToDo],
];

/** What turns contracts into usable resources. */
export const addPeer: Family = (program, context) => {
  const peer = program.command("peer").description("Make, take down and see the Liqo peerings behind contracts.");

  peer
    .command("create")
    .description("Make the peering of an active contract that you bought.")
    .argument("<contractID>", ID)
    .option("--network", "Liqo 1.x: connect the two clusters' networks too")
    .action(async (id: string, { network }: { network?: boolean }) => {
      const { createPeering } = await (await context.api()).request(CREATE_PEERING, { id, network: network === true });
      context.output().one(createPeering, COLUMNS);
    });

  peer
    .command("delete")
    .description("Take a peering down; the contract goes on.")
    .argument("<contractID>", ID)
    .action(async (id: string) => {
      const { deletePeering } = await (await context.api()).request(DELETE_PEERING, { id });
      context.output().one(deletePeering, COLUMNS);
    });

  peer
    .command("status")
    .description("Show where peerings stand; exit code 3 if one does not go on without you.")
    .argument("[contractID]", `${ID}; all unless given`)
    .action(async (id: string | undefined) => {
      const api = await context.api();
      const found =
        id === undefined
          ? (await api.request(PEERINGS, {})).peerings
          : [(await api.request(PEERING_OF, { id })).peering];
      context.output().list(found, COLUMNS);
      if (found.some(({ phase }) => phase === "FAILED")) context.exitCode = EXIT.no;
    });

  peer
    .command("manifests")
    .description("Print the Kubernetes manifests of a peering by hand. They may hold a secret.")
    .argument("<contractID>", ID)
    .addHelpText("after", "\nExample:\n  catalog peer manifests $ID | kubectl apply -f -")
    .action(async (id: string) => {
      const { peering } = await (await context.api()).request(PEERING_MANIFESTS, { id });
      if (peering.manifests === null) throw new CliError(`There is nothing to apply by hand: ${peering.message}`);
      context.output().raw(peering.manifests);
    });
};
