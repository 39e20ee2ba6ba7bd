import type { Diagnosis, Facts } from "./diagnosis.js";

const CHECK = "declarations";
/** So many problems are told at once. */
const TOLD = 5;

/** Whether what is declared in files is in force. Nothing where nothing is declared. */
export function declarationChecks({ declarations }: Facts): readonly Diagnosis[] {
  if (declarations === null) return [];
  const { path, problems, declared } = declarations;
  if (problems.length > 0) {
    const more = problems.length > TOLD ? ` And ${problems.length - TOLD} more.` : "";
    return [
      {
        check: CHECK,
        ok: false,
        severity: "ERROR",
        message: `What is declared in ${path} is not in force: ${problems.slice(0, TOLD).join(" ")}${more}`,
        whatToDo: "Correct the declaration; it is read again by itself. Meanwhile everything stays as it was.",
      },
    ];
  }
  const message =
    declared === null
      ? `The declarations in ${path} have not been read yet.`
      : `${declared.offers} offers and ${declared.brokers} Brokers are as ${path} declares them.`;
  return [{ check: CHECK, ok: true, severity: "INFO", message, whatToDo: null }];
}
