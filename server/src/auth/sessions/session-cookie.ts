/** How many characters of a fingerprint name the cookie, so that several consoles on one host do not sign each other out. */
const NAMED_BY = 12;

/** Name of a party's session cookie. Browsers take a `__Host-` cookie only with Secure, Path=/ and no Domain. */
export function cookieNameOf(fingerprint: string): string {
  return `__Host-catalog-${fingerprint.slice(0, NAMED_BY)}`;
}

/** Value of the cookie with this name in a Cookie header; undefined if it is not there, or there more than once. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  const values = (header ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/** The Set-Cookie header that gives a browser a session for `seconds`; an empty value and 0 take it away. */
export function setCookie(name: string, value: string, seconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Strict`;
}
