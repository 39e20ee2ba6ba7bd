import { unixSeconds, type Clock } from "@catalog/server/clock";
import { defaultFieldResolver, type GraphQLField, type GraphQLSchema } from "graphql";
import { isGranted, requirePermission } from "../../domain/access.js";
import type { AdminContext } from "./context.js";
import { OPERATION_PERMISSIONS, SECRET_PERMISSIONS } from "./permissions.js";

type Field = GraphQLField<unknown, AdminContext>;

/** Puts the permissions of the admin API before its operations and secrets. Changes the schema that it is given, and returns it. */
export function guardSchema(schema: GraphQLSchema, clock: Clock): GraphQLSchema {
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of Object.values(type?.getFields() ?? {}))
      guardOperation(field, `${type?.name}.${field.name}`, clock);
  }
  for (const place of Object.keys(SECRET_PERMISSIONS)) guardSecret(fieldAt(schema, place), place);
  return schema;
}

/** A subscription is asked when it begins and at each event, because a role or a session may end in between. */
function guardOperation(field: Field, place: string, clock: Clock): void {
  const permission = OPERATION_PERMISSIONS[place] ?? "ADMINISTER";
  const check = ({ viewer }: AdminContext): void => requirePermission(viewer, permission, unixSeconds(clock.now()));
  const { resolve = defaultFieldResolver, subscribe } = field;
  field.resolve = (source, args, context, info) => {
    check(context);
    return resolve(source, args, context, info);
  };
  if (subscribe === undefined) return;
  field.subscribe = (source, args, context, info) => {
    check(context);
    return subscribe(source, args, context, info);
  };
}

function guardSecret(field: Field, place: string): void {
  const permission = SECRET_PERMISSIONS[place] ?? "ADMINISTER";
  const { resolve = defaultFieldResolver } = field;
  field.resolve = (source, args, context, info) =>
    isGranted(context.viewer.role, permission) ? resolve(source, args, context, info) : null;
}

function fieldAt(schema: GraphQLSchema, place: string): Field {
  const [typeName = "", fieldName = ""] = place.split(".");
  const type = schema.getType(typeName);
  const field = type !== undefined && "getFields" in type ? type.getFields()[fieldName] : undefined;
  if (field === undefined || !("args" in field)) throw new TypeError(`the schema has no field ${place}`);
  return field;
}
