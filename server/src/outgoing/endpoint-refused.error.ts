import { CatalogError } from "@catalog/schema/errors";

/** Why an address may not be called; for the own admin and the log only. */
export interface EndpointRefusal {
  /** The URL as it was given, cut to 300 characters. */
  readonly url: string;
  /** The address that broke the rule, where one had been found. */
  readonly address?: string;
  /** The rule in words. */
  readonly rule: string;
  /** The setting that would allow the address; absent where nothing allows it. */
  readonly setting?: string;
}

/**
 * An address that may not be called from here. Message and details are the same for every refusal, so that a remote
 * caller learns nothing about this network; {@link explain} tells the own admin everything.
 */
export class EndpointRefusedError extends CatalogError {
  /** Not enumerable: neither an answer nor a log of details carries it by accident. */
  readonly #refusal: EndpointRefusal;

  constructor(refusal: EndpointRefusal) {
    super("ENDPOINT_REFUSED", "the address is not one that may be called from here");
    this.#refusal = refusal;
  }

  get refusal(): EndpointRefusal {
    return this.#refusal;
  }

  /** One sentence with URL, address, rule and the setting that would allow it. */
  explain(): string {
    const { url, address, rule, setting } = this.#refusal;
    const where = address === undefined ? url : `${url} (${address})`;
    return `${where} was refused: ${rule}. ${setting === undefined ? "No setting allows it." : `${setting} would allow it.`}`;
  }
}
