import { type DocumentNode, Kind, OperationTypeNode } from "graphql";

/** What whoever is signed in is let do, as the server says. Everything until it has said so: it decides in any case. */
export class Access {
  #mutations = $state.raw<ReadonlySet<string> | undefined>();
  #role = $state("");

  /** Takes over what the server said. */
  tell(role: string, mutations: readonly string[]): void {
    this.#role = role;
    this.#mutations = new Set(mutations);
  }

  /** Why a mutation is not allowed, in a sentence; undefined if it is. */
  refusalOf(document: DocumentNode): string | undefined {
    const allowed = this.#mutations;
    if (allowed === undefined || mutationsIn(document).every((name) => allowed.has(name))) return undefined;
    return `Your role (${this.#role.toLowerCase()}) does not allow this.`;
  }
}

function mutationsIn({ definitions }: DocumentNode): readonly string[] {
  return definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION || definition.operation !== OperationTypeNode.MUTATION) return [];
    return definition.selectionSet.selections.flatMap((field) => (field.kind === Kind.FIELD ? [field.name.value] : []));
  });
}
