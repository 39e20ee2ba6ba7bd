// Who may import whom.

/** Modules below `from` may import nothing of ours but what is listed in `allowed` (and their own folder). */
function only(name, from, allowed, comment) {
  const own = ["^schema/", "^proto/", "^server/", "^broker/", "^connector/", "^e2e/", "^ui/"];
  return {
    name,
    comment,
    severity: "error",
    from: { path: from, pathNot: "(\\.test\\.ts$|/testing/)" },
    to: { path: own, pathNot: [from, ...allowed] },
  };
}

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-unresolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^@catalog/proto/" },
    },
    only("schema-stands-alone", "^schema/", [], "The language knows no part that speaks it."),
    only("server-knows-no-domain", "^server/", ["^schema/"], "What both servers stand on knows neither of them."),
    only("broker-and-connector-are-apart", "^broker/", ["^schema/", "^server/"], "They share a wire, not code."),
    only(
      "connector-and-broker-are-apart",
      "^connector/",
      ["^schema/", "^server/", "^proto/"],
      "They share a wire, not code.",
    ),
    only(
      "e2e-uses-public-apis",
      "^e2e/",
      ["^schema/", "^server/", "^proto/"],
      "Whole-system tests see what a user sees.",
    ),
    only("ui-speaks-the-apis-only", "^ui/", ["^schema/"], "What a page can do, a script can do."),
    only("broker-domain-is-pure", "^broker/src/domain/", ["^schema/"], "Rules know no storage, network or clock."),
    only(
      "connector-domain-is-pure",
      "^connector/src/domain/",
      ["^schema/"],
      "Rules know no storage, network or clock.",
    ),
    {
      name: "resolvers-call-services",
      severity: "error",
      from: { path: "^(broker|connector)/src/graphql/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(broker|connector)/src/(storage|feed|brokers|peers|liqo)/" },
    },
    {
      name: "services-know-no-adapter",
      severity: "error",
      from: { path: "^(broker|connector)/src/services/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(broker|connector)/src/(storage|feed|graphql|listeners|brokers|peers|liqo|declarations|cli)/" },
    },
    {
      name: "adapters-never-import-each-other",
      severity: "error",
      from: { path: "^connector/src/(storage|brokers|peers|liqo|declarations)/", pathNot: "\\.test\\.ts$" },
      to: {
        path: "^connector/src/(storage|brokers|peers|liqo|declarations|graphql|listeners)/",
        pathNot: "^connector/src/$1/",
      },
    },
    {
      name: "apps-never-import-each-other",
      severity: "error",
      from: { path: "^ui/src/(connector|broker|playground)/" },
      to: { path: "^ui/src/(connector|broker|playground)/", pathNot: "^ui/src/$1/" },
    },
    {
      name: "features-and-parts-know-no-app",
      severity: "error",
      from: { path: "^ui/src/(features|lib)/" },
      to: { path: "^ui/src/(connector|broker|playground)/" },
    },
    {
      name: "parts-know-no-feature",
      severity: "error",
      from: { path: "^ui/src/lib/" },
      to: { path: "^ui/src/features/" },
    },
    {
      name: "only-config-reads-the-environment",
      severity: "error",
      from: { path: "^(broker|connector)/src/", pathNot: "(/(main|emit-schema|config)\\.ts$|\\.test\\.ts$|/testing/)" },
      to: { path: "^(node:)?process$" },
    },
  ],
  options: {
    doNotFollow: { path: ["node_modules", "dist"] },
    exclude: { path: "(^|/)dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["catalog-source", "import", "types", "default"],
      extensions: [".ts", ".js", ".d.ts", ".svelte", ".tsx"],
    },
  },
};
