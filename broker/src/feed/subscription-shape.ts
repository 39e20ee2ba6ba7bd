import {
  getArgumentValues,
  getOperationAST,
  Kind,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from "graphql";

/** A subscription to one root field, taken apart. */
export interface SubscriptionShape {
  /** Name of the root field. */
  readonly field: string;
  /** Arguments of the root field, coerced. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The document without these arguments: what is executed on every event, the same for whatever was asked. */
  readonly document: DocumentNode;
  /** Variables that this document still uses. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Takes a valid subscription apart; undefined if it has no root field of the schema.
 * @param variables coerced values.
 */
export function shapeOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  variables: Readonly<Record<string, unknown>>,
): SubscriptionShape | undefined {
  const operation = getOperationAST(document, operationName);
  const field = operation && rootField(document, operation.selectionSet);
  const definition = field && schema.getSubscriptionType()?.getFields()[field.name.value];
  if (!field || !definition) return undefined;
  const bare = withoutArguments(document, field);
  return {
    field: field.name.value,
    arguments: getArgumentValues(definition, field, { ...variables }),
    document: bare.document,
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => bare.uses.has(name))),
  };
}

function rootField(document: DocumentNode, { selections }: SelectionSetNode): FieldNode | undefined {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) return selection;
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragment(document, selection.name.value);
    const found = inner && rootField(document, inner.selectionSet);
    if (found) return found;
  }
  return undefined;
}

function fragment(document: DocumentNode, name: string): FragmentDefinitionNode | undefined {
  return document.definitions
    .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
    .find((definition) => definition.name.value === name);
}

/** Drops the arguments of the root field, and then the variables that nothing uses. */
function withoutArguments(
  document: DocumentNode,
  root: FieldNode,
): { document: DocumentNode; uses: ReadonlySet<string> } {
  const bare = visit(document, { Field: (node) => (node === root ? { ...node, arguments: [] } : undefined) });
  const uses = new Set<string>();
  visit(bare, { VariableDefinition: () => false, Variable: ({ name }) => void uses.add(name.value) });
  const isUnused = (name: string): boolean => !uses.has(name);
  return {
    uses,
    document: visit(bare, { VariableDefinition: (node) => (isUnused(node.variable.name.value) ? null : undefined) }),
  };
}
