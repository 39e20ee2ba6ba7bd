import type { AppContext } from "../../lib/app-context.ts";
import type { Api } from "../../lib/graphql/api.ts";
import { facetFilters } from "./catalog-filter.ts";
import { type Facets, FACETS, type OfferFilter } from "./documents.ts";

type Values = Facets["types"];

/** What offers can be told apart by, and how many each value would leave. */
export class FacetCounts {
  types = $derived.by(() => this.#of("type")?.types ?? []);
  currencies = $derived.by(() => this.#of("currency")?.currencies ?? []);
  resources = $derived.by(() => this.#all.get("")?.resources ?? []);
  /** Labels with their values; the values of a label from which something was chosen are all that could be chosen. */
  labels = $derived.by((): readonly { label: string; values: Values }[] => this.#labels());
  #all = $state.raw<ReadonlyMap<string, Facets>>(new Map());
  #turn = 0;
  readonly #api: Api;

  constructor({ api }: AppContext) {
    this.#api = api;
  }

  /** Counts anew. Facets that cannot be counted now stay as they were: the list itself says what is wrong. */
  async count(filter: OfferFilter): Promise<void> {
    const turn = ++this.#turn;
    const filters = [...facetFilters(filter)];
    const counted = await Promise.allSettled(
      filters.map(async ([name, one]) => [name, (await this.#api.query(FACETS, { filter: one })).offerFacets] as const),
    );
    const facets = counted.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    if (turn === this.#turn && facets.length === filters.length) this.#all = new Map(facets);
  }

  #of(name: string): Facets | undefined {
    return this.#all.get(name) ?? this.#all.get("");
  }

  #labels(): { label: string; values: Values }[] {
    const chosen = [...this.#all].filter(([name]) => name.startsWith("label "));
    const own = chosen.flatMap(([name, facets]) => {
      const label = name.slice("label ".length);
      return { label, values: facets.labels.find((one) => one.label === label)?.values ?? [] };
    });
    const others = (this.#all.get("")?.labels ?? []).filter(({ label }) => !own.some((one) => one.label === label));
    return [...own, ...others];
  }
}
