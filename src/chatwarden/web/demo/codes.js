// Recovery codes, shown once: to be copied, saved or printed.

import { button, make } from "./dom.js";
import { text as say } from "./strings.js";

/** What to draw for these codes of `name`. Nothing of it is kept in this browser. */
export function codesPanel(codes, name) {
  const told = make("p", { class: "small", role: "status", id: "codes-told" });
  const text = [say("codes.file.title", { name, host: location.host }), say("codes.file.once"), "", ...codes, ""].join("\n");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(codes.join("\n"));
      told.textContent = say("codes.copied");
    } catch {
      told.textContent = say("codes.not-copied");
    }
  };
  const save = () => {
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    make("a", { href: url, download: "chatwarden-recovery-codes.txt" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    told.textContent = say("codes.saved");
  };
  const print = () => {
    document.body.classList.add("printing");
    window.print();
    document.body.classList.remove("printing");
  };
  return [
    make("p", {}, say("codes.why")),
    make("ol", { class: "codes", "aria-label": say("codes.label") }, ...codes.map((code) => make("li", {}, code))),
    make("div", { class: "row" }, button(say("codes.copy"), "soft", copy), button(say("codes.save"), "soft", save), button(say("codes.print"), "soft", print)),
    told,
  ];
}
