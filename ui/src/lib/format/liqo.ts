const GENERATIONS: Readonly<Record<string, string>> = {
  "v0.8": "Liqo 0.7–0.8",
  "v0.9": "Liqo 0.9–0.10",
  v1: "Liqo 1.x",
};

/** Which Liqo, as people say it. */
export function liqoName(liqo: { readonly mode: string; readonly version: string | null } | undefined): string {
  if (liqo === undefined) return "a Liqo that is not known";
  const version = liqo.version === null ? "" : ` (${liqo.version})`;
  if (liqo.mode === "manual") return liqo.version === null ? "Liqo by hand" : `Liqo ${liqo.version}, by hand`;
  return `${GENERATIONS[liqo.mode] ?? liqo.mode}${version}`;
}
