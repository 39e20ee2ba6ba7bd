/** An offer as `saveOffer(offer: OfferInput!)` takes it. */
export interface SampleOffer {
  readonly offerID: string;
  readonly [field: string]: unknown;
}

const hourly = (planCost: number, planCostCurrency: string) => ({ planCost, planCostCurrency, planCostPeriod: "hour" });
const monthly = (planCost: number, planCostCurrency: string) => ({
  planCost,
  planCostCurrency,
  planCostPeriod: "month",
});

/** What the demo's two providers sell. They go in through the public API, as a user's offers do. */
export const SAMPLE_OFFERS: Readonly<Record<"turin" | "milan", readonly SampleOffer[]>> = {
  turin: [
    {
      offerID: "general-purpose",
      offerName: "General purpose",
      offerType: "compute",
      description: "Balanced CPU and memory on current x86 servers, for web services and batch jobs.",
      approval: "AUTO",
      capacity: "DECLARED",
      labels: { region: "eu-south", zone: "turin-1", architecture: "amd64" },
      plans: [
        {
          planID: "small",
          planName: "Small",
          ...hourly(0.045, "EUR"),
          planQuantity: 12,
          resources: { cpu: "1", ram: "2Gi", storage: "10Gi" },
        },
        {
          planID: "medium",
          planName: "Medium",
          ...hourly(0.085, "EUR"),
          planQuantity: 8,
          resources: { cpu: "2", ram: "4Gi", storage: "20Gi" },
        },
        {
          planID: "large",
          planName: "Large",
          ...hourly(0.165, "EUR"),
          planQuantity: 4,
          resources: { cpu: "4", ram: "8Gi", storage: "40Gi" },
        },
      ],
    },
    {
      offerID: "memory-heavy",
      offerName: "Memory heavy",
      offerType: "memory",
      description: "Eight GiB of memory per core, for caches, analytics and in-memory databases.",
      approval: "AUTO",
      capacity: "DECLARED",
      labels: { region: "eu-south", zone: "turin-2", architecture: "amd64" },
      minDuration: 86_400,
      plans: [
        {
          planID: "m-16",
          planName: "16 GiB",
          ...monthly(61.5, "EUR"),
          planQuantity: 6,
          resources: { cpu: "2", ram: "16Gi", storage: "20Gi" },
        },
        {
          planID: "m-64",
          planName: "64 GiB",
          ...monthly(239, "EUR"),
          planQuantity: 2,
          resources: { cpu: "8", ram: "64Gi", storage: "80Gi" },
        },
      ],
    },
  ],
  milan: [
    {
      offerID: "gpu-a100",
      offerName: "GPU A100",
      offerType: "gpu",
      description: "NVIDIA A100 80 GB cards for training and inference. Each request is looked at by a person.",
      approval: "MANUAL",
      capacity: "DECLARED",
      labels: { region: "eu-south", zone: "milan-1", "gpu-model": "nvidia-a100-80gb" },
      noticePeriod: 604_800,
      plans: [
        {
          planID: "one-card",
          planName: "One card",
          ...hourly(1.89, "USD"),
          planQuantity: 4,
          resources: { cpu: "12", ram: "96Gi", storage: "200Gi", "nvidia.com/gpu": "1" },
        },
        {
          planID: "four-cards",
          planName: "Four cards",
          planCost: 42.5,
          planCostCurrency: "USD",
          planCostPeriod: "day",
          planQuantity: 1,
          resources: { cpu: "48", ram: "384Gi", storage: "800Gi", "nvidia.com/gpu": "4" },
        },
      ],
    },
    {
      offerID: "bulk-storage",
      offerName: "Bulk storage",
      offerType: "storage",
      description: "Large local disks with a little compute beside them, for backups and data sets.",
      approval: "AUTO",
      capacity: "DECLARED",
      labels: { region: "eu-south", zone: "milan-2", disk: "hdd" },
      plans: [
        {
          planID: "half-tb",
          planName: "500 GB",
          planCost: 4.2,
          planCostCurrency: "CHF",
          planCostPeriod: "week",
          planQuantity: 10,
          resources: { cpu: "500m", ram: "1Gi", storage: "500G" },
        },
        {
          planID: "two-tb",
          planName: "2 TB",
          ...monthly(59.9, "CHF"),
          planQuantity: 5,
          resources: { cpu: "1", ram: "2Gi", storage: "2T" },
        },
      ],
    },
    {
      offerID: "edge-nodes",
      offerName: "Edge nodes",
      offerType: "compute",
      description: "Small arm64 machines close to users, by the year.",
      approval: "AUTO",
      capacity: "DECLARED",
      labels: { region: "eu-south", zone: "milan-edge", architecture: "arm64" },
      plans: [
        {
          planID: "edge",
          planName: "Edge",
          planCost: 96,
          planCostCurrency: "EUR",
          planCostPeriod: "year",
          planQuantity: 20,
          resources: { cpu: "500m", ram: "512Mi", storage: "4Gi" },
        },
      ],
    },
  ],
};
