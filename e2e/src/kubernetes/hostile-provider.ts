import type { RawAnswer, StrangerSeller } from "../fuzz/stranger-seller.js";

/** What is answered: an object, or a text that need not be a message. */
export type Answer = Readonly<Record<string, unknown>> | string;

/** A provider that runs nothing of ours: it sells honestly, and answers about the peering whatever a test wants. */
export class HostileProvider {
  /** By the type of the message; what is not named is pending. */
  answers: Readonly<Record<string, Answer>> = {};
  /** What it answers to every message about the peering in the place of GraphQL. */
  raw: RawAnswer | undefined;
  readonly #heard = new Map<string, number>();

  constructor(readonly seller: StrangerSeller) {
    seller.twist = {
      exchange: (message) => this.#answer(message),
      raw: (operation) => {
        if (operation !== "ExchangePeering" || this.raw === undefined) return undefined;
        this.#count("raw");
        return this.raw;
      },
    };
  }

  /** How many messages of that type it was sent; "raw": while its answers are none. */
  heard(type: string): number {
    return this.#heard.get(type) ?? 0;
  }

  #answer(message: string): string {
    const { type } = JSON.parse(message) as { readonly type: string };
    this.#count(type);
    const answer = this.answers[type] ?? { type: "pending", message: "Ask again." };
    return typeof answer === "string" ? answer : JSON.stringify(answer);
  }

  #count(type: string): void {
    this.#heard.set(type, this.heard(type) + 1);
  }
}
