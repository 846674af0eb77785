// The window of a company login that began in the frame. It goes to the login by itself, since the frame may lead nowhere but
// to our own origin; when it is back it hands the code to that frame, on our own origin only, and is done.

import { by } from "../demo/dom.js";
import { text } from "../demo/strings.js";

const [, name, challenge] = /^#go=([a-z0-9-]{1,32})&([A-Za-z0-9_-]{43})$/.exec(location.hash) ?? [];
const code = /^#login=([A-Za-z0-9_-]+)$/.exec(location.hash)?.[1];
const frame = window.opener;
if (name) {
  location.replace(`/login/${name}?${new URLSearchParams({ challenge, return: location.pathname })}`);
} else {
  history.replaceState(null, "", location.pathname);
  if (code && frame) frame.postMessage(`login ${code}`, location.origin);
  by("told").textContent = code && frame ? text("widget.back") : text("widget.back-none");
  if (code && frame) window.close();
}
