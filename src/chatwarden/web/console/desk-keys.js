// The desk by keyboard. Keys of one letter can be switched off (WCAG 2.2, success criterion 2.1.4): whoever speaks to their
// machine would set them off by accident.

import { button, make } from "/demo/dom.js";
import { keep, recall } from "/demo/store.js";
import { text } from "/demo/strings.js";

const KEPT = "desk.keys";
const HELP = ["j", "k", "Enter", "t", "r", "n", "x", "f", "Escape", "?"];

const writing = (node) => node.isContentEditable || /^(TEXTAREA|SELECT)$/.test(node.tagName) || (node.tagName === "INPUT" && node.type !== "radio" && node.type !== "checkbox");

export class Keys {
  #act;

  /** `act` maps a key to what it does. Keys do nothing while somebody writes, or while something is asked. */
  constructor(act, signal) {
    this.#act = { ...act, "?": () => this.help() };
    document.addEventListener("keydown", (event) => this.#pressed(event), { signal });
  }

  #pressed(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (writing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key.length === 1 && event.key !== "?" && recall(KEPT) === "off") return;
    const act = this.#act[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  help() {
    const before = document.activeElement;
    const on = make("input", { type: "checkbox", id: "keys-on" });
    on.checked = recall(KEPT) !== "off";
    on.addEventListener("change", () => keep(KEPT, on.checked ? "" : "off"));
    const list = make("dl", { class: "facts keys" }, ...HELP.flatMap((key) => [make("dt", {}, make("kbd", {}, text(`key.${key}`))), make("dd", {}, text(`keys.${key}`))]));
    list.append(make("dt", {}, make("kbd", {}, "/hi"), " ", make("kbd", {}, text("key.Tab"))), make("dd", {}, text("keys.reply")));
    const dialog = make(
      "dialog", { class: "dialog", "aria-labelledby": "keys-title" },
      make("form", { method: "dialog" }, make("h2", { id: "keys-title" }, text("keys.title")), list, make("label", { class: "check" }, on, text("keys.on")), make("div", { class: "row" }, button(text("close"), "primary", () => dialog.close()))),
    );
    dialog.addEventListener("close", () => (dialog.remove(), before?.focus()));
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector(".primary").focus();
  }
}
