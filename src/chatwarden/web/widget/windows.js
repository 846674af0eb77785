// Windows of our own beside the frame. What has to be seen to be ours, or may not be framed, is done there; the frame hears
// of it from that very window, on our own origin, and from nobody else.

import { NoPasskey } from "../demo/passkey.js";
import { text } from "../demo/strings.js";

const LOOK = 500;

/** Opens a window; `heard(data)` gets what it says, until the function that comes back is called. Null if none opened. */
export function opened(address, heard, features = "") {
  const away = window.open(address, "_blank", features);
  if (!away) return null;
  const hear = (event) => {
    if (event.source === away && event.origin === location.origin) heard(event.data);
  };
  addEventListener("message", hear);
  return { away, done: () => removeEventListener("message", hear) };
}

/** Uses a passkey in a window; the answer as JSON. Raises NoPasskey. An answer that was made in a frame of another website
 * counts for nothing at the gateway (WebAuthn Level 3, section 13.4.2).
 */
export function passkey(options) {
  return new Promise((resolve, reject) => {
    const heard = (data) => {
      if (data === "passkey ready") return one.away.postMessage({ options }, location.origin);
      finish();
      return resolve(data.passkey);
    };
    const one = opened(`/widget/passkey?lang=${document.documentElement.lang}`, heard, "popup,width=440,height=480");
    if (!one) return reject(new NoPasskey(text("widget.window-blocked")));
    const looking = setInterval(() => {
      if (!one.away.closed) return;
      finish();
      reject(new NoPasskey(text("passkey.unused"))); // what it said before it closed was heard already
    }, LOOK);
    const finish = () => {
      clearInterval(looking);
      one.done();
    };
    return undefined;
  });
}
