import type { AppContext } from "../../lib/app-context.ts";
import { type ApiError, toApiError } from "../../lib/graphql/api-error.ts";
import { BUY, type BuyInput, PURCHASES, PURCHASES_CHANGED } from "./documents.ts";

const KEY = "catalog-purchase ";
/** After so many ms a purchase that was not answered is sent again, under the same key. */
const AGAIN_MS = 4000;

/**
 * One purchase under one key. It is written down before it is sent and forgotten when its contract is known or it was refused,
 * so that neither a reload nor a lost answer loses it or makes a second one.
 */
export class Purchase {
  /** Sent, and not answered yet. */
  isSending = $state(false);
  /** Why it has not been answered, or was refused. */
  error = $state.raw<ApiError | undefined>();
  #isWanted = true;
  readonly #app: AppContext;
  readonly #requestID: string;
  readonly #found: (contractID: string) => void;

  /** @param found told the contract, once. */
  constructor(app: AppContext, requestID: string, found: (contractID: string) => void) {
    this.#app = app;
    this.#requestID = requestID;
    this.#found = found;
  }

  /** Looks for the contract, and goes on with what was sent before a reload. Returns how to stop. */
  start(): () => void {
    const stop = this.#app.api.subscribe(
      PURCHASES_CHANGED,
      {},
      { next: ({ contracts }) => contracts.requestID === this.#requestID && this.#find(contracts.contractID) },
    );
    void this.#resume();
    return () => {
      this.#isWanted = false;
      stop();
    };
  }

  /** Sends it until it is answered. Nothing is bought twice: the key is the same. */
  async send(input: BuyInput): Promise<void> {
    if (this.isSending) return;
    sessionStorage.setItem(KEY + this.#requestID, JSON.stringify(input));
    this.isSending = true;
    this.error = undefined;
    while (this.#isWanted) {
      try {
        const { buy } = await this.#app.api.mutate(BUY, { input });
        this.#find(buy.contractID);
        return;
      } catch (thrown) {
        this.error = toApiError(thrown);
        if (this.error.isDefinitive && this.error.code !== "UNAUTHENTICATED") break;
        await this.#app.session.whenIn();
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
    this.isSending = false;
    if (this.#isWanted) sessionStorage.removeItem(KEY + this.#requestID);
  }

  async #resume(): Promise<void> {
    try {
      const { contracts } = await this.#app.api.query(PURCHASES, {});
      const known = contracts.find(({ requestID }) => requestID === this.#requestID);
      if (known !== undefined) {
        this.#find(known.contractID);
        return;
      }
    } catch (thrown) {
      this.error = toApiError(thrown);
    }
    const sent = sessionStorage.getItem(KEY + this.#requestID);
    if (sent !== null && this.#isWanted) await this.send(JSON.parse(sent) as BuyInput);
  }

  #find(contractID: string): void {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    sessionStorage.removeItem(KEY + this.#requestID);
    this.#found(contractID);
  }
}
