import { duration, text } from "../config-settings.js";

const MINUTE = 60_000;

/** Settings of every part that a platform such as Kubernetes starts, moves and replaces. */
export const PLATFORM_SETTINGS = {
  identitySecret: text({
    env: "IDENTITY_SECRET",
    pattern: /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/,
    hint: "must be a Kubernetes name",
    description:
      "Secret in the namespace of this pod that keeps the keys and the admin token, so that DATA_DIR may be empty at every start and is the same for all replicas. It is made at first start.",
  }),
  drain: duration({
    env: "DRAIN",
    default: 0,
    max: 5 * MINUTE,
    description:
      "How long requests are still served after the process was told to stop, while /readyz refuses already: the time that load balancers take to learn it.",
  }),
};
