import { expect, it } from "vitest";
import { nodeLabels } from "./node-labels.js";

it("gives the node what every offer that was bought from says, as far as Kubernetes takes it", () => {
  expect(nodeLabels([])).toEqual({});
  expect(nodeLabels([{ gpu: "A100-80GB", zone: "a" }])).toEqual({ gpu: "A100-80GB", zone: "a" });
  expect(
    nodeLabels([
      { gpu: "A100", zone: "a" },
      { gpu: "H100", zone: "a" },
    ]),
  ).toEqual({ zone: "a" });
  expect(nodeLabels([{ gpu: "A100" }, {}])).toEqual({});
  expect(nodeLabels([{ "liqo.io/type": "x", "-": "x", gpu: "two words", empty: "" }])).toEqual({});
});
