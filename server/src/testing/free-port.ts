import { freePort as anyFreePort, freePorts as anyFreePorts, type PortRange } from "../process/free-port.js";

/** Above the ports that programs choose by themselves. */
const FIRST = 26_000;
const PORTS_EACH = 1_000;
const SLICES = 6;

/**
 * The ports of this test process: each worker of a run has its own, so that none takes a port that another has chosen and not yet bound.
 */
export function ownPorts(): PortRange {
  const first = FIRST + (Number(process.env["VITEST_POOL_ID"] ?? 0) % SLICES) * PORTS_EACH;
  return { first, last: first + PORTS_EACH - 1 };
}

/** A free port of this test process. */
export function freePort(): Promise<number> {
  return anyFreePort("127.0.0.1", ownPorts());
}

/** `count` different free ports of this test process. */
export function freePorts(count: number): Promise<number[]> {
  return anyFreePorts(count, ownPorts());
}
