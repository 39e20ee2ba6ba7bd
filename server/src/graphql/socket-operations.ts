import { CatalogError } from "@catalog/schema/errors";
import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  parse,
  specifiedRules,
  subscribe,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type OperationDefinitionNode,
  type ValidationRule,
} from "graphql";
import { getVariableValues } from "graphql/execution/values.js";
import type { Context, OperationResult, SubscribePayload } from "graphql-ws";
import { newRequestId } from "../log.js";
import { toPublicError, type PublicError } from "./error-mapper.js";
import type { ListenerLimits, ListenerOptions, SocketSession } from "./listener-options.js";
import { queryLimitRules } from "./query-limits.js";
import type { SocketState } from "./socket-state.js";
import { TakenOver } from "./taken-over.js";

/** graphql-ws's view of one socket. */
export type SocketContext<V> = Context<Record<string, unknown>, SocketState<V>>;

/** One operation between its arrival and its execution. */
interface Offer<V, C> {
  readonly id: string;
  readonly session: SocketSession<V>;
  readonly context: C;
  readonly payload: SubscribePayload;
  readonly operation: OperationDefinitionNode;
}

/** Prepares and runs the operations of all sockets: the same checks and the same errors as on HTTP. */
export class SocketOperations<V, C extends { readonly requestId: string }> {
  private readonly rules: readonly ValidationRule[];
  private readonly offers = new WeakMap<ExecutionArgs, Offer<V, C>>();

  constructor(
    private readonly options: ListenerOptions<V, C>,
    private readonly limits: ListenerLimits,
  ) {
    this.rules = [...specifiedRules, ...queryLimitRules(limits.query)];
  }

  /** What to execute, or the errors that the client is told instead. */
  prepare(ctx: SocketContext<V>, id: string, payload: SubscribePayload): ExecutionArgs | readonly GraphQLError[] {
    const { session, remoteAddress } = ctx.extra;
    if (session === undefined) return [wrapped(new CatalogError("UNAUTHENTICATED", "the socket has ended"))];
    if (Object.keys(ctx.subscriptions).length > this.limits.operationsPerSocket) {
      const bound = this.limits.operationsPerSocket;
      return [
        wrapped(
          new CatalogError(
            "LIMIT_EXCEEDED",
            `at most ${bound} operations at once on one socket; end one or open another socket`,
          ),
        ),
      ];
    }
    const checked = this.check(payload, session.viewer);
    if (!("document" in checked)) return checked;
    const { document, operation } = checked;
    const context = this.options.context({
      viewer: session.viewer,
      transport: "ws",
      requestId: newRequestId(),
      remoteAddress,
    });
    const args: ExecutionArgs = {
      schema: this.options.schema,
      document,
      operationName: payload.operationName,
      variableValues: payload.variables,
      contextValue: context,
    };
    this.offers.set(args, { id, session, context, payload, operation });
    return args;
  }

  /** Runs a subscription, or gives it to who takes it over. */
  async subscribe(args: ExecutionArgs): Promise<Awaited<OperationResult>> {
    try {
      const offer = this.offers.get(args);
      return (offer === undefined ? undefined : await this.takenOver(args, offer)) ?? (await subscribe(args));
    } catch (error) {
      return { errors: [wrapped(error)] };
    }
  }

  /** Errors as the client is told them; `args` is absent for an operation that never ran. */
  present(errors: readonly unknown[], args?: ExecutionArgs): PublicError[] {
    const context = args?.contextValue as C | undefined;
    const requestId = context?.requestId ?? newRequestId();
    return errors.map((error) => toPublicError(error, requestId, this.options.log));
  }

  private check(
    payload: SubscribePayload,
    viewer: V,
  ): { document: DocumentNode; operation: OperationDefinitionNode } | readonly GraphQLError[] {
    let document: DocumentNode;
    try {
      document = parse(payload.query, { maxTokens: this.limits.query.tokens });
    } catch (error) {
      return [coded(error, "GRAPHQL_PARSE_FAILED")];
    }
    const problems = validate(this.options.schema, document, this.rules);
    if (problems.length > 0) return problems.map((problem) => coded(problem, "GRAPHQL_VALIDATION_FAILED"));
    const operation = getOperationAST(document, payload.operationName);
    if (operation === null || operation === undefined) {
      return [coded(new GraphQLError("operationName names no operation of the document"), "BAD_USER_INPUT")];
    }
    const isMutation = operation.operation === OperationTypeNode.MUTATION;
    if (isMutation && this.options.maySocketMutate?.(viewer) !== true) {
      const message = "mutations are not accepted on this WebSocket; send them by HTTP POST";
      return [wrapped(new CatalogError("FORBIDDEN", message))];
    }
    return { document, operation };
  }

  private async takenOver(args: ExecutionArgs, offer: Offer<V, C>): Promise<TakenOver | undefined> {
    const hooks = this.options.subscriptionHooks;
    if (hooks?.takeOver === undefined) return undefined;
    const values = getVariableValues(
      args.schema,
      offer.operation.variableDefinitions ?? [],
      { ...args.variableValues },
      { maxErrors: 50 },
    );
    if (values.coerced === undefined) return undefined; // graphql's own subscribe reports the same errors.
    const subscription = new TakenOver();
    const release = await hooks.takeOver({
      id: offer.id,
      session: offer.session,
      context: offer.context,
      query: offer.payload.query,
      document: args.document,
      operationName: offer.payload.operationName ?? undefined,
      variables: values.coerced,
      complete: () => subscription.end(),
      fail: (error) => subscription.end({ error }),
    });
    if (release === undefined) return undefined;
    subscription.onEnd(release);
    return subscription;
  }
}

/** An error in graphql's class, which is what graphql-ws carries. */
function wrapped(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError(error instanceof Error ? error.message : String(error), {
    originalError: error instanceof Error ? error : null,
  });
}

function coded(error: unknown, code: string): GraphQLError {
  if (!(error instanceof GraphQLError)) return wrapped(error);
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions: { code, ...error.extensions },
  });
}
