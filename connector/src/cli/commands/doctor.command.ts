import type { AdminApi } from "../api/admin-api.js";
import { DIAGNOSTICS, VIEWER } from "../api/documents.js";
import type { FindingView } from "../api/views.js";
import { CliError } from "../cli-error.js";
import type { Family } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { type Column, moment } from "../output.js";
import { printable } from "../terminal.js";

/** Clocks may differ so much, in seconds: an answer takes its time. */
const CLOCK_TOLERANCE = 5;
/** A token that ends within this many seconds is worth a word. */
const SOON = 7 * 86_400;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

const COLUMNS: readonly Column<FindingView>[] = [
  ["check", (one) => one.check],
  ["result", (one) => (one.ok ? "ok" : one.severity.toLowerCase())],
  ["message", (one) => one.message],
  ["what to do", (one) => one.whatToDo],
];

/** What newcomers get wrong. */
export const addDoctor: Family = (program, context) => {
  program
    .command("doctor")
    .summary("check every link, and say how to mend it")
    .description(
      "Check what newcomers get wrong: this machine's way to the Connector, the token and what it allows, clocks, PostgreSQL, name and contract endpoint and whether a Broker reaches it from outside, Brokers, offers, Liqo's version, flags and policies, and the Connector's own permissions.",
    )
    .option("--all", "show what is well too")
    .addHelpText(
      "after",
      "\nExit code 3: there is an error; 0 with warnings only.\n\nExample:\n  kubectl exec -n the-catalog deploy/connector -- catalog doctor",
    )
    .action(async ({ all }: { all?: boolean }) => {
      const api = await context.api();
      const findings = await examine(api, Date.now());
      const output = context.output();
      const shown = all === true ? findings : findings.filter(({ ok, severity }) => !ok && severity !== "INFO");
      if (output.format === "table") {
        for (const finding of shown) output.say(textOf(finding));
        const wrong = findings.filter(({ ok }) => !ok);
        output.say(
          `${findings.length - wrong.length} checks are well, ${wrong.length} have something to say${all === true ? "" : "; --all shows everything"}.`,
        );
      } else output.list(findings, COLUMNS);
      if (findings.some(({ ok, severity }) => !ok && severity === "ERROR")) context.exitCode = EXIT.no;
    });
};

/** What this machine sees, then what the Connector says of itself. */
async function examine(api: AdminApi, now: number): Promise<readonly FindingView[]> {
  const { viewer } = await api.request(VIEWER, {});
  const { diagnostics } = await api.request(DIAGNOSTICS, {}).catch((error: unknown): { diagnostics: FindingView[] } => {
    if (!(error instanceof CliError)) throw error;
    const whatToDo = "Look at its log; it goes on by itself once what it needs is there.";
    return { diagnostics: [{ check: "diagnostics", ok: false, severity: "ERROR", message: error.message, whatToDo }] };
  });
  const own = [
    fine("api.reachable", `The Connector answers at ${api.url.href}.`),
    transport(api.url),
    clock(api.clockOffset),
    token(viewer, Math.floor(now / 1000)),
  ];
  return [...own, ...diagnostics];
}

function transport({ protocol, hostname, href }: URL): FindingView {
  const check = "api.transport";
  if (protocol === "https:" || LOOPBACK.test(hostname))
    return fine(check, "The token travels encrypted, or not at all.");
  return finding(
    check,
    "WARNING",
    `The token travels unencrypted to ${href}.`,
    "Use kubectl port-forward and http://localhost:6002, or https (TLS=self-signed, or a proxy in front).",
  );
}

function clock(offset: number | null): FindingView {
  const check = "api.clock";
  if (offset === null || Math.abs(offset) <= CLOCK_TOLERANCE)
    return fine(check, "The clocks of this machine and of the Connector agree.");
  return finding(
    check,
    "WARNING",
    `The clock of the Connector is ${Math.abs(offset)} s ${offset > 0 ? "ahead of" : "behind"} this machine's.`,
    "Synchronise both with NTP; the check `clock` says how the Connector's stands to its Brokers.",
  );
}

function token(viewer: { actor: string; role: string; expiresAt: number | null }, now: number): FindingView {
  const check = "api.token";
  const { actor, role, expiresAt } = viewer;
  if (expiresAt !== null && expiresAt - now < SOON)
    return finding(
      check,
      "WARNING",
      `The token of ${printable(actor)} ends at ${moment(expiresAt) ?? ""}.`,
      "Make a new one: createScriptToken, or the page Access.",
    );
  return fine(check, `You are ${printable(actor)}, with the role ${role}.`);
}

function fine(check: string, message: string): FindingView {
  return { check, ok: true, severity: "INFO", message, whatToDo: null };
}

function finding(check: string, severity: FindingView["severity"], message: string, whatToDo: string): FindingView {
  return { check, ok: false, severity, message, whatToDo };
}

function textOf({ check, ok, severity, message, whatToDo }: FindingView): string {
  const head = `${ok ? "ok" : severity.toLowerCase()}: ${check}: ${printable(message)}`;
  return whatToDo === null || ok ? head : `${head}\n    ${printable(whatToDo)}`;
}
