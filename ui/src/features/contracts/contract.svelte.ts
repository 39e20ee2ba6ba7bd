import type { AppContext } from "../../lib/app-context.ts";
import { sayState } from "../../lib/format/words.ts";
import { LiveValue } from "../../lib/live/live-value.svelte.ts";
import { CONTRACT, CONTRACT_CHANGED, type ContractWhole } from "./documents.ts";

/** One contract, live. */
export function liveContract({ api, connection }: AppContext, id: string): LiveValue<ContractWhole | null> {
  return new LiveValue(
    {
      load: async () => (await api.query(CONTRACT, { id })).contract,
      watch: (changed) =>
        api.subscribe(CONTRACT_CHANGED, {}, { next: ({ contracts }) => contracts.contractID === id && changed() }),
    },
    connection,
  );
}

/** The history of a contract as a Timeline shows it: people's word, the protocol's beside it. */
export function stepsOf({
  timeline,
}: ContractWhole): { title: string; at: number; tone: ReturnType<typeof sayState>["tone"]; detail: string }[] {
  return timeline.map(({ state, at, actor, message, code }, n) => {
    const { text, tone } = sayState(state);
    const isLast = n === timeline.length - 1;
    const detail = [state, shortActor(actor), code ?? "", message ?? ""].filter((part) => part !== "").join(" · ");
    return { title: text, at, tone: isLast || tone === "bad" ? tone : "over", detail };
  });
}

/** `peer <fingerprint>` cut to what one recognises. */
export function shortActor(actor: string): string {
  return actor.replace(/^(peer \S{12})\S+$/, "$1…");
}

/** The documents of a contract that can be downloaded and verified elsewhere. */
export function documentsOf(contract: ContractWhole): { name: string; about: string; text: string }[] {
  return [
    { name: "contract", about: "Contract, signed by both", text: contract.contract },
    { name: "terms", about: "Terms, signed by the provider", text: contract.terms },
    { name: "receipt", about: "Receipt, signed by the customer", text: contract.receipt },
    { name: "activation", about: "Activation, signed by the provider", text: contract.activation },
    { name: "notice", about: "Notice of the end", text: contract.notice },
  ].filter((document): document is { name: string; about: string; text: string } => document.text !== null);
}

/** Whether its stock is still held although it has ended: then it can be freed by hand. */
export function isReleasable({ role, activatedAt, endedAt, releasedAt, releasedByForce }: ContractWhole): boolean {
  return role === "SELLER" && activatedAt !== null && endedAt !== null && releasedAt === null && !releasedByForce;
}
