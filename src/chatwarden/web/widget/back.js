// Where a company login ends that began in the frame: hands the code to that frame, on our own origin only, and is done.

import { by } from "../demo/dom.js";
import { fill, say } from "./say.js";

fill();
const code = /^#login=([A-Za-z0-9_-]+)$/.exec(location.hash)?.[1];
history.replaceState(null, "", location.pathname);
const frame = window.opener;
if (code && frame) frame.postMessage(`login ${code}`, location.origin);
by("told").textContent = code && frame ? say("back") : say("back-none");
if (code && frame) window.close();
