import { nameProblems } from "@catalog/schema/field-checks";
import { capitalised } from "../../lib/format/words.ts";

const NAME_LENGTH = 128;

/** Why a name for people is none; undefined if it is one. */
export function nameProblem(name: string): string | undefined {
  const [problem] = nameProblems(name.trim(), "", NAME_LENGTH);
  return problem && capitalised(problem.message);
}

/** Why a text is no contract endpoint; undefined if it may be one. The server knows more, and the Broker tries it. */
export function endpointProblem(text: string): string | undefined {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    return "Must be an address such as https://catalog.example.org:6003.";
  }
  if (url.username !== "" || url.password !== "") return "Must not hold a user or password.";
  if (url.search !== "" || url.hash !== "") return "Must not have a query or fragment.";
  return undefined;
}
