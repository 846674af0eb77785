// The company's login, in a window of its own: a login page lets nobody frame it. The code that comes back is worth nothing
// without the verifier, which never leaves this frame (RFC 7636).

import { call } from "../demo/api.js";
import { calmly } from "../demo/findings.js";
import { base64url } from "../demo/passkey.js";
import { text } from "../demo/strings.js";
import { opened } from "./windows.js";

const CODE = /^login ([A-Za-z0-9_-]{1,256})$/;

/** Opens the window; when its code is here, `talk` goes on as whoever came back. `tell` says what the person must know. */
export async function elsewhere(name, talk, tell) {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  const back = async (data) => {
    const code = CODE.exec(data)?.[1];
    if (!code) return;
    one.done();
    try {
      await talk.arrived((await call("POST", "/session", { token: talk.visit.token, body: { code, verifier } })).body);
    } catch (error) {
      tell(calmly(error));
    }
  };
  const one = opened(`/widget/back?lang=${document.documentElement.lang}#go=${encodeURIComponent(name)}&${challenge}`, back);
  tell(text(one ? "widget.elsewhere" : "widget.window-blocked"));
}
