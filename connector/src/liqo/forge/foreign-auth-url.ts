/** As the ForeignCluster CRD of Liqo 0.7 to 0.10 has it: it wants a dot followed by 1 to 6 letters or digits at the end of the host. */
const CRD_PATTERN =
  /https:\/\/(www\.)?[-a-zA-Z0-9@:%._+~#=]{1,256}\.[a-zA-Z0-9()]{1,6}\b([-a-zA-Z0-9()@:%_+.~#?&//=]*)/;

const WRITTEN = /^https:\/\/[-a-zA-Z0-9.]+(:\d{1,5})?(\/[-a-zA-Z0-9()@:%_+.~/]*)?$/;

/**
 * Why a ForeignCluster would not accept this address of Liqo's authentication service; undefined if it would. A seller is told when it
 * publishes the address: at peering time it would be the buyer's problem.
 */
export function foreignAuthUrlProblem(url: string): string | undefined {
  if (!URL.canParse(url)) return "it is not a URL; write https://<host>[:<port>]";
  const { protocol, hostname, search, hash, username, password } = new URL(url);
  if (protocol !== "https:") return "it does not begin with https://";
  if (username !== "" || password !== "" || search !== "" || hash !== "")
    return "it has more than a host, a port and a path";
  if (hostname.startsWith("["))
    return "Liqo 0.x does not accept IPv6 addresses in a ForeignCluster; use a name or IPv4";
  const ending = hostname.slice(hostname.lastIndexOf(".") + 1);
  if (!hostname.includes(".") || ending.length > 6)
    return `Liqo 0.x wants a host whose last part, after a dot, has 1 to 6 letters or digits, and "${hostname}" has not; use another name or the IPv4 address`;
  // The pattern is not anchored: a path could fulfil it, so the host alone must.
  if (!CRD_PATTERN.test(`https://${hostname}`) || !CRD_PATTERN.test(url))
    return "Liqo 0.x does not accept it in a ForeignCluster";
  // As it is written: a URL parser forgives line breaks and braces, and Liqo gets the text.
  if (!WRITTEN.test(url)) return "it has characters that Liqo 0.x does not accept";
  return undefined;
}
