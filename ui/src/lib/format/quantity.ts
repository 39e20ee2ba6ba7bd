import { formatQuantity, parseQuantity, UNIT } from "@catalog/schema/quantity";

const BYTES = /^(memory|ram|storage|ephemeral-storage|hugepages-.+|requests\.storage)$/;

/** Whether a resource is counted in bytes, and so read best as Mi and Gi. */
export function isBytes(resource: string): boolean {
  return BYTES.test(resource);
}

const NAMES: Readonly<Record<string, string>> = {
  cpu: "CPU",
  memory: "Memory",
  ram: "Memory",
  storage: "Storage",
  "ephemeral-storage": "Disk",
  pods: "Pods",
  "nvidia.com/gpu": "NVIDIA GPU",
  "amd.com/gpu": "AMD GPU",
};

/** What people call a resource; Kubernetes' name where they have no other. */
export function resourceName(resource: string): string {
  return NAMES[resource] ?? resource;
}

const STEPS = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;
const SHORT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

/** A quantity as people read it: `1500m` CPU is 1.5, `4096Mi` is 4 Gi. The exact text belongs beside it (title). */
export function formatAmount(resource: string, quantity: string): string {
  const amount = amountOf(quantity);
  if (amount === undefined) return quantity;
  if (!isBytes(resource)) return SHORT.format(Number(amount) / Number(UNIT));
  let value = Number(amount / UNIT);
  let step = 0;
  while (value >= 1024 && step < STEPS.length - 1) {
    value /= 1024;
    step += 1;
  }
  return step === 0 ? `${SHORT.format(value)} B` : `${SHORT.format(value)} ${STEPS[step] ?? ""}`;
}

/** Nano-units of a quantity; undefined if the text is none. */
export function amountOf(quantity: string): bigint | undefined {
  try {
    return parseQuantity(quantity);
  } catch {
    return undefined;
  }
}

/** Why a text is not a quantity, in words; undefined if it is one. */
export function quantityProblem(text: string): string | undefined {
  try {
    parseQuantity(text.trim());
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** `part / whole` from 0 to 1, exact enough for a bar; 0 where the whole is nothing. */
export function share(part: bigint, whole: bigint): number {
  if (whole <= 0n || part <= 0n) return 0;
  return Number((part * 10_000n) / whole) / 10_000;
}

/** A sum of quantities in Kubernetes' form. */
export function sumText(resource: string, quantities: readonly string[]): string {
  const sum = quantities.reduce((total, text) => total + (amountOf(text) ?? 0n), 0n);
  return formatQuantity(sum, isBytes(resource) ? "binary" : "decimal");
}

/** cpu, memory, storage first, then by name. */
export function resourceOrder(a: string, b: string): number {
  const rank = (name: string): number => {
    const place = Object.keys(NAMES).indexOf(name);
    return place < 0 ? Object.keys(NAMES).length : place;
  };
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
