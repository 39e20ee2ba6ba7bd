import { parseArgs, type ParseArgsConfig } from "node:util";
import { kubectlYaml } from "./liqo/forge/kubectl-yaml.js";
import { policyObjects } from "./liqo/forge/policies.js";
import { identityRole, roleObjects, TENANT_ROLE } from "./liqo/forge/roles.js";
import { isUsableClusterID } from "./liqo/forge/tenant-names.js";

const HELP = `Prints, as YAML for kubectl apply, what a cluster admin gives to a Connector: its roles, and the policies that keep peers within their contracts.

  --mode v0|v1|auto       generation of Liqo (default v1; v0 has no policies; auto is for whichever will be there)
  --namespace NAME        namespace of the Connector (default the-catalog)
  --service-account NAME  its ServiceAccount (default catalog-connector)
  --liqo-namespace NAME   namespace of Liqo (default liqo)
  --class NAME            class of ResourceSlice that is sold (default catalog)
  --exempt ID[,ID…]       cluster ids that peered before and are not held to the class
  --rsa ID[,ID…]          cluster ids whose Liqo runs in TLS compatibility mode
  --identity-secret NAME  Secret in which it keeps its keys (IDENTITY_SECRET), if it does
  --only roles|policies   print only these
`;

const STRING = "string" as const;
const OPTIONS = {
  mode: { type: STRING, default: "v1" },
  namespace: { type: STRING, default: "the-catalog" },
  "service-account": { type: STRING, default: "catalog-connector" },
  "liqo-namespace": { type: STRING, default: "liqo" },
  class: { type: STRING, default: "catalog" },
  exempt: { type: STRING, multiple: true as const, default: [] as string[] },
  rsa: { type: STRING, multiple: true as const, default: [] as string[] },
  "identity-secret": { type: STRING, default: "" },
  only: { type: STRING, default: "" },
  help: { type: "boolean" as const, default: false },
} satisfies ParseArgsConfig["options"];

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** What the program prints for these arguments. @throws Error with what is wrong with them. */
export function policiesText(args: readonly string[]): string {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
  if (values.help) return HELP;
  const { mode, only } = values;
  if (mode !== "v0" && mode !== "v1" && mode !== "auto") throw new Error(`--mode must be v0, v1 or auto, not ${mode}.`);
  if (!["", "roles", "policies"].includes(only)) throw new Error(`--only must be roles or policies, not ${only}.`);
  for (const name of ["namespace", "service-account", "liqo-namespace", "class", "identity-secret"] as const)
    if (!NAME.test(values[name]) && !(name === "identity-secret" && values[name] === ""))
      throw new Error(`--${name} must be a Kubernetes name, not ${JSON.stringify(values[name])}.`);
  const account = {
    namespace: values.namespace,
    serviceAccount: values["service-account"],
    tenantRole: TENANT_ROLE,
  };
  const lists = { exempt: idsOf("exempt", values.exempt), rsa: idsOf("rsa", values.rsa) };
  const liqoNamespace = values["liqo-namespace"];
  const identitySecret = values["identity-secret"] === "" ? undefined : values["identity-secret"];
  const tokenNamespace = mode === "auto" ? liqoNamespace : undefined;
  const roles = [
    ...roleObjects({ ...account, mode, liqoNamespace }),
    ...(identitySecret === undefined ? [] : identityRole(account, identitySecret)),
  ];
  const asked = { ...account, ...lists, className: values.class, identitySecret, tokenNamespace };
  const policies = mode === "v0" ? [] : policyObjects(asked);
  return kubectlYaml([...(only === "policies" ? [] : roles), ...(only === "roles" ? [] : policies)]);
}

function idsOf(option: string, values: readonly string[]): readonly string[] {
  const ids = values.flatMap((value) => value.split(",")).filter((id) => id !== "");
  for (const id of ids)
    if (!isUsableClusterID(id)) throw new Error(`--${option}: ${JSON.stringify(id)} is not a cluster id.`);
  return ids;
}

function main(): void {
  try {
    process.stdout.write(policiesText(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    process.exitCode = 2;
  }
}

if (import.meta.url === new URL(process.argv[1] ?? "", "file:").href) main();
