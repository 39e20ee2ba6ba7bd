/** Shows, in place of the playground, that nobody is signed in, and where one signs in. */
export function showSignIn(target: HTMLElement, why: string): void {
  const notice = document.createElement("main");
  notice.className = "notice";
  const link = Object.assign(document.createElement("a"), { href: "/", textContent: "Sign in" });
  notice.append(why, " ", link, " and open the playground from there.");
  target.replaceChildren(notice);
}
