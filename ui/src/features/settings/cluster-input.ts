import { nameProblems } from "@catalog/schema/field-checks";

const NAME_LENGTH = 128;

/** Why a name for people is none; undefined if it is one. */
export function nameProblem(name: string): string | undefined {
  return nameProblems(name.trim(), "", NAME_LENGTH)[0]?.message;
}

/** Why a text is no contract endpoint; undefined if it may be one. The server knows more, and the Broker tries it. */
export function endpointProblem(text: string): string | undefined {
  const url = URL.parse(text.trim());
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    return "must be an address such as https://catalog.example.org:6003.";
  }
  if (url.username !== "" || url.password !== "") return "must not hold a user or password.";
  if (url.search !== "" || url.hash !== "") return "must not have a query or fragment.";
  return undefined;
}
