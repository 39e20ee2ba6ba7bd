import { stringify } from "yaml";
import { policyObjects } from "../../connector/dist/liqo/forge/policies.js";
import { identityRole, roleObjects, TENANT_ROLE } from "../../connector/dist/liqo/forge/roles.js";

/** What stands in an object in the place of a value, and the template that takes its place. */
const PLACES = {
  "xx-namespace-xx": '{{ include "catalog.namespace" . }}',
  "xx-account-xx": '{{ include "catalog.serviceAccountName" . }}',
  "xx-liqo-xx": "{{ .Values.liqo.namespace }}",
  "xx-class-xx": "{{ .Values.liqo.class }}",
  "xx-identity-xx": "{{ .Values.identity.existingSecret }}",
  "xx-exempt-xx": '{{ join "\\n" .Values.liqo.policies.exempt | quote }}',
  "xx-rsa-xx": '{{ join "\\n" .Values.liqo.policies.rsa | quote }}',
  "xx-labels-xx": '\n    {{- include "catalog.labels" . | nindent 4 }}',
};
const SOURCE = "{{- /* Made by `npm run charts` from connector/src/liqo/forge; change it there. */}}\n";

const ACCOUNT = { namespace: "xx-namespace-xx", serviceAccount: "xx-account-xx", tenantRole: TENANT_ROLE };
const IDENTITY = "xx-identity-xx";

/** templates/rbac.yaml: what the Connector may do, by the way in which Liqo is driven. */
export function rbacTemplate() {
  const roles = (mode) => templates(roleObjects({ ...ACCOUNT, mode, liqoNamespace: "xx-liqo-xx" }));
  return `${SOURCE}${templates(identityRole(ACCOUNT, IDENTITY))}{{- if eq .Values.liqo.mode "v1" }}
${roles("v1")}{{- else if has .Values.liqo.mode (list "v0.8" "v0.9") }}
${roles("v0")}{{- else if eq .Values.liqo.mode "auto" }}
${roles("auto")}{{- end }}
`;
}

/** templates/policies.yaml: what keeps peers within their contracts, and the Connector within its task. */
export function policiesTemplate() {
  const options = {
    ...ACCOUNT,
    className: "xx-class-xx",
    exempt: ["xx-exempt-xx"],
    rsa: ["xx-rsa-xx"],
    identitySecret: IDENTITY,
  };
  const forVersion1 = policyObjects(options);
  const forEither = policyObjects({ ...options, tokenNamespace: "xx-liqo-xx" });
  const differs = (object, n) => JSON.stringify(object) !== JSON.stringify(forEither[n]);
  return `${SOURCE}{{- if include "connector.hasPolicies" . }}
${templates(forVersion1.filter((object, n) => !differs(object, n)))}{{- if eq .Values.liqo.mode "v1" }}
${templates(forVersion1.filter(differs))}{{- else }}
${templates(forEither.filter((object, n) => differs(forVersion1[n], n)))}{{- end }}
{{- end }}
`;
}

function templates(objects) {
  return objects.map((object) => `---\n${template(object)}`).join("");
}

function template(object) {
  const labelled = { ...object, metadata: { ...object.metadata, labels: "xx-labels-xx" } };
  const text = stringify(labelled, { lineWidth: 0, aliasDuplicateObjects: false });
  if (text.includes("{{")) throw new Error(`${object.kind} ${object.metadata.name} holds what looks like a template`);
  return text.replaceAll(/ ?(xx-labels-xx)|(xx-[a-z]+-xx)/g, (_whole, labels, place) => PLACES[labels ?? place]);
}
