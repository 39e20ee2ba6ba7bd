import { stringify } from "yaml";

/**
 * Objects as documents of YAML for kubectl, which reads version 1.1: there `Yes` and `1:30` without quotes are no texts, and the ForeignCluster of
 * Liqo 0.x, which wants the text, is refused.
 */
export function kubectlYaml(objects: readonly object[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0, version: "1.1" })).join("---\n");
}
