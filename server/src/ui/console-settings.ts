import { origin } from "../auth/sessions/own-origins.js";
import { duration, list, text } from "../config-settings.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Settings of every part that serves pages to people. */
export const CONSOLE_SETTINGS = {
  sessionLifetime: duration({
    env: "SESSION_LIFETIME",
    default: 12 * HOUR,
    min: MINUTE,
    max: 7 * 24 * HOUR,
    description: "How long a person stays signed in.",
  }),
  uiOrigins: list({
    env: "UI_ORIGINS",
    default: [],
    item: origin,
    description:
      "Origins under which people reach the pages of this port through a proxy, such as `https://catalog.example.org`. Needed where a proxy terminates TLS.",
  }),
  uiDir: text({
    env: "UI_DIR",
    description: "Folder of the built pages; `off` serves none. Without one, where `npm run build` puts them.",
  }),
};
