/** What the reader has chosen; `system` follows the operating system. */
export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "catalog-theme";

class ThemeChoice {
  choice = $state<Theme>(THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? "system");

  constructor() {
    this.#show();
    addEventListener("storage", ({ key, newValue }) => {
      if (key !== KEY) return;
      this.choice = THEMES.find((theme) => theme === newValue) ?? "system";
      this.#show();
    });
  }

  choose(theme: Theme): void {
    this.choice = theme;
    localStorage.setItem(KEY, theme);
    this.#show();
  }

  #show(): void {
    document.documentElement.dataset["theme"] = this.choice;
  }
}

export const theme = new ThemeChoice();
