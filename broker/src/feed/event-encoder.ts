import { toPublicError } from "@catalog/server/graphql/error-mapper";
import { newRequestId, type Logger } from "@catalog/server/log";
import { execute, type GraphQLSchema } from "graphql";

import type { ReadableEvent } from "../services/feed-port.js";
import type { SubscriptionShape } from "./subscription-shape.js";

/** How events become messages. The context is that of a reader who may read everything: events are the same for all. */
export interface Execution {
  readonly schema: GraphQLSchema;
  readonly contextValue: unknown;
}

/** Executes one subscription's selection on events, and serialises the results as they stand in a message. */
export class EventEncoder {
  constructor(
    private readonly execution: Execution,
    private readonly shape: Pick<SubscriptionShape, "document" | "variables">,
    private readonly operationName: string | undefined,
    private readonly log: Logger,
  ) {}

  /** JSON text of the execution result. Errors in it are told as everywhere: with their code, or masked. */
  async encode(event: ReadableEvent): Promise<Buffer> {
    const { document, variables } = this.shape;
    const result = await execute({
      ...this.execution,
      document,
      operationName: this.operationName,
      variableValues: variables,
      rootValue: event,
    });
    if (result.errors === undefined) return Buffer.from(JSON.stringify(result));
    const requestId = newRequestId();
    const errors = result.errors.map((error) => toPublicError(error, requestId, this.log));
    return Buffer.from(JSON.stringify({ ...result, errors }));
  }
}
