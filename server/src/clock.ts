/** Where time comes from. */
export interface Clock {
  now(): Date;
}

/** The system's time, shifted by `offsetMs` (tests of clock skew; 0 in production). */
export function systemClock(offsetMs = 0): Clock {
  return { now: () => new Date(Date.now() + offsetMs) };
}

/** Whole seconds since 1970, the unit of every time in a document. */
export function unixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
