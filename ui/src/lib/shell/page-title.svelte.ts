/** The title of the tab: how many things need attention, the page, the cluster. */
class PageTitle {
  page = $state("");
  /** Name of the cluster or Broker. */
  owner = $state("");
  /** How many things need attention. */
  attention = $state(0);

  get text(): string {
    const parts = [this.page, this.owner, "The Catalog"].filter((part) => part !== "");
    return `${this.attention > 0 ? `(${this.attention}) ` : ""}${parts.join(" · ")}`;
  }
}

export const pageTitle = new PageTitle();
