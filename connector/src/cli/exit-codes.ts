/** How the program ends; part of its interface, like its output. */
export const EXIT = {
  /** Done; for `buy`: the contract is in force. */
  done: 0,
  /** Refused or failed; the message says why. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The answer is no: a purchase was refused, a signature does not hold, doctor found errors, diff found differences. */
  no: 3,
  /** Not decided yet: it goes on without this program. */
  waiting: 4,
  /** No token, a wrong one, or one whose role does not allow this. */
  access: 5,
  /** The Connector, or what it needs, is away: try again later. */
  away: 6,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each number means, for --help. */
export const EXIT_CODES_HELP = `Exit codes:
  0  done; for buy: the contract is in force
  1  refused or failed; the message says why
  2  the command line is wrong
  3  the answer is no: refused purchase, bad signature, findings of doctor, differences of diff
  4  not decided yet; it goes on without this program
  5  no token, a wrong one, or one that does not allow this
  6  the Connector, or what it needs, is away; try again later`;
