// Recovery codes, shown once: to be copied, saved or printed.

import { button, make } from "./dom.js";

/** What to draw for these codes of `name`. Nothing of it is kept in this browser. */
export function codesPanel(codes, name) {
  const told = make("p", { class: "small", role: "status", id: "codes-told" });
  const text = [`Chatwarden recovery codes of ${name} (${location.host})`, "Each works once.", "", ...codes, ""].join("\n");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(codes.join("\n"));
      told.textContent = "Copied.";
    } catch {
      told.textContent = "This browser does not let the page copy. Please save or print them.";
    }
  };
  const save = () => {
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    make("a", { href: url, download: "chatwarden-recovery-codes.txt" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    told.textContent = "Saved as a file. Keep it where others cannot read it.";
  };
  const print = () => {
    document.body.classList.add("printing");
    window.print();
    document.body.classList.remove("printing");
  };
  return [
    make("p", {}, "Each of these codes stands in once for a passkey or a one-time code that you lost. They are shown now and never again."),
    make("ol", { class: "codes", "aria-label": "Recovery codes" }, ...codes.map((code) => make("li", {}, code))),
    make("div", { class: "row" }, button("Copy", "soft", copy), button("Save", "soft", save), button("Print", "soft", print)),
    told,
  ];
}
