// The link with which somebody comes in for the first time. It is shown once, in a dialog, and is gone from this browser when
// the dialog is.

import { button, make } from "/demo/dom.js";
import { word } from "./admin-kit.js";
import { field } from "./form.js";
import { text } from "/demo/strings.js";

/** Shows `{name, role, enrolment_link}` until it is closed, or until `signal` says that the page is gone. */
export function showInvitation({ name, role, enrolment_link: link }, signal) {
  return new Promise((resolve) => {
    const shown = make("input", { class: "input mono", type: "text", readonly: "", autocomplete: "off" });
    const told = make("p", { class: "small", role: "status" });
    shown.value = link;
    const copy = async () => {
      shown.select();
      try {
        await navigator.clipboard.writeText(link);
        told.textContent = text("invitation.copied");
      } catch {
        told.textContent = text("invitation.by-hand"); // it is selected
      }
    };
    const rows = make("div", { class: "row" }, button(text("invitation.copy"), "primary", copy), button(text("close"), "soft", () => dialog.close()));
    const form = make(
      "form", { method: "dialog" }, make("h2", { id: "invitation-title" }, text("invitation.title", { name })),
      make("p", { class: "small" }, text("invitation.why", { name, role: word("role", role) })), field(text("invitation.link"), shown), told, rows,
    );
    form.addEventListener("submit", (event) => event.preventDefault()); // Enter in the link must not lose it
    const dialog = make("dialog", { class: "dialog", "aria-labelledby": "invitation-title" }, form);
    const drop = () => dialog.close();
    signal.addEventListener("abort", drop);
    dialog.addEventListener("close", () => {
      signal.removeEventListener("abort", drop);
      shown.value = "";
      dialog.remove();
      resolve();
    });
    document.body.append(dialog);
    dialog.showModal();
    shown.select();
  });
}
