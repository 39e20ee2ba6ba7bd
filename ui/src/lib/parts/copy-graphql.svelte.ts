import type { Operation } from "../graphql/operation.ts";

/** The operation that the app's one "Copy as GraphQL" dialog shows; nothing while it is closed. */
class CopyGraphql {
  shown = $state.raw<Operation | undefined>();

  show(operation: Operation): void {
    this.shown = operation;
  }
}

export const copyGraphql = new CopyGraphql();
