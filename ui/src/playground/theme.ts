/** Where the apps keep what the reader has chosen. */
const KEY = "catalog-theme";

type Theme = "light" | "dark" | "system";

/** The theme that was chosen in the app of this origin. */
export function chosenTheme(): Theme {
  const chosen = localStorage.getItem(KEY);
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

/** Calls `changed` when another tab chooses one. Returns how to stop that. */
export function onThemeChange(changed: () => void): () => void {
  const hear = ({ key }: StorageEvent): void => {
    if (key === KEY) changed();
  };
  addEventListener("storage", hear);
  return () => removeEventListener("storage", hear);
}
