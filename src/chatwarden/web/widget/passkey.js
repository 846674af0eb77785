// The window in which a passkey is used for the frame that opened it: here its person sees whose page asks, and nothing of
// another website can lie over it. It takes what to ask for from that frame alone, and answers that frame alone: both are of
// our own origin, or nothing is said.

import { button, by } from "../demo/dom.js";
import { NoPasskey, use } from "../demo/passkey.js";
import { text } from "../demo/strings.js";

const frame = window.opener;
let options = null;

async function go() {
  try {
    const passkey = await use(options);
    frame.postMessage({ passkey }, location.origin);
    by("acts").hidden = true;
    by("told").textContent = text("widget.passkey-done");
    window.close();
  } catch (error) {
    if (!(error instanceof NoPasskey)) throw error;
    by("told").textContent = error.message;
  }
}

by("told").textContent = text("widget.passkey-none");
by("acts").append(button(text("answer.passkey.yes"), "primary", go), button(text("button.not-now"), "soft", () => window.close()));
addEventListener("message", (event) => {
  if (options || event.source !== frame || event.origin !== location.origin) return;
  options = event.data.options;
  by("told").textContent = text("widget.passkey-why");
  by("acts").hidden = false;
  by("acts").firstChild.focus();
});
frame?.postMessage("passkey ready", location.origin);
