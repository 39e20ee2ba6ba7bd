import { CatalogError } from "./errors.js";

/** One thing that is wrong with an input: where (`plans[0].resources.cpu`, "" for the whole) and what, with a way out. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** The input was refused; `details.problems` lists everything that is wrong with it. */
export class InputInvalidError extends CatalogError {
  constructor(readonly problems: readonly Problem[]) {
    super("BAD_USER_INPUT", problems.map(sentence).join(" "), { problems });
  }
}

/** Throws {@link InputInvalidError} if there is any problem. */
export function requireNoProblems(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new InputInvalidError(problems);
}

function sentence({ path, message }: Problem): string {
  return path === "" ? message : `${path}: ${message}`;
}
