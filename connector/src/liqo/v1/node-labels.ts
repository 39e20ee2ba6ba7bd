import { isLabelValue } from "../forge/kube-names.js";

const LABEL_KEY = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/**
 * The labels that the customer's virtual node gets: those of the offers that it bought from, such as the GPU model, as far as Kubernetes takes
 * them. Where two offers disagree the node is neither. Keys without a prefix only, so that no label of Kubernetes or Liqo is touched.
 */
export function nodeLabels(offers: readonly Readonly<Record<string, string>>[]): Readonly<Record<string, string>> {
  const keys = new Set(offers.flatMap((labels) => Object.keys(labels)));
  const agreed = [...keys].flatMap((key): (readonly [string, string])[] => {
    const values = new Set(offers.map((labels) => (Object.hasOwn(labels, key) ? labels[key] : undefined)));
    const [value] = values;
    const isUsable = values.size === 1 && value !== undefined && LABEL_KEY.test(key) && isLabelValue(value);
    return isUsable ? [[key, value]] : [];
  });
  return Object.fromEntries(agreed);
}
