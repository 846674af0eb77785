// Between a link in a message and where it leads: the person sees the real host first. The address stands behind # and is
// checked here again; it reaches no server before the person says so.

import { by, make } from "../demo/dom.js";
import { webAddress } from "../demo/markdown.js";
import { text } from "../demo/strings.js";

function wanted() {
  try {
    return webAddress(decodeURIComponent(location.hash.slice(1)));
  } catch {
    return null;
  }
}

const address = wanted();
by("where").textContent = address ? text("widget.here", { host: address.host }) : text("widget.here-none");
by("why").hidden = !address;
if (address) {
  by("address").textContent = address.href;
  by("acts").append(make("a", { href: address.href, rel: "noopener noreferrer", class: "primary" }, text("widget.go", { host: address.host })));
}
