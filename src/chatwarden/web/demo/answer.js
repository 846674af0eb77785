// How a question is answered: a tap, a password, a code, a passkey. One field, and another way where there is one.

import { button, make } from "./dom.js";
import { possible, use } from "./passkey.js";
import { text as say } from "./strings.js";

const WAYS = {
  tap: { yes: say("answer.tap.yes") },
  password: { label: say("answer.password"), yes: say("button.confirm"), other: say("answer.password.other"), type: "password", autocomplete: "current-password" },
  totp: { label: say("answer.totp"), yes: say("button.confirm"), other: say("answer.totp.other"), autocomplete: "one-time-code", inputmode: "numeric" },
  recovery: { label: say("answer.recovery"), yes: say("button.confirm"), other: say("answer.recovery.other"), autocomplete: "off" },
  passkey: { yes: say("answer.passkey.yes"), other: say("answer.passkey.other") },
};

export class Answer {
  #box;
  #yes;
  #name;
  #challenge = null;
  #kind = "tap";
  #input = null;

  /** Draws into `box`; `yes` is the button that confirms; `name` is the id of the field. */
  constructor(box, yes, name) {
    this.#box = box;
    this.#yes = yes;
    this.#name = name;
  }

  /** A new question, or the same one with less time. */
  show(challenge) {
    const same = this.#challenge?.id === challenge.id;
    this.#challenge = challenge;
    if (!same) this.#draw(this.#ways()[0]);
  }

  #ways() {
    const known = this.#challenge.kinds.filter((kind) => Object.hasOwn(WAYS, kind) && (kind !== "passkey" || possible()));
    return known.length ? known : this.#challenge.kinds;
  }

  #draw(kind) {
    this.#kind = kind;
    const way = WAYS[kind];
    this.#input = way.label ? make("input", {
      id: this.#name, type: way.type ?? "text", autocomplete: way.autocomplete, inputmode: way.inputmode ?? null,
      maxlength: "512", autocapitalize: "none", spellcheck: "false", required: "",
    }) : null;
    const field = this.#input ? [make("div", { class: "labelled" }, make("label", { for: this.#name }, way.label), this.#input)] : [];
    const others = this.#ways().filter((one) => one !== kind).map((one) => button(WAYS[one].other, "link", () => (this.#draw(one), this.focus())));
    this.#box.replaceChildren(...field, ...(others.length ? [make("p", { class: "ways" }, ...others)] : []));
    this.#yes.textContent = way.yes;
  }

  focus() {
    (this.#input ?? this.#yes).focus();
  }

  clear() {
    if (this.#input) this.#input.value = "";
  }

  forget() {
    this.clear();
    this.#challenge = null;
    this.#box.replaceChildren();
  }

  /** What is sent: `{answer, kind}`. Raises NoPasskey. */
  async take() {
    if (this.#kind === "passkey") return { answer: await use(this.#challenge.passkey), kind: "passkey" };
    if (this.#kind === "tap") return { answer: "here", kind: "tap" };
    // A password is what was typed; around a code nothing counts.
    return { answer: this.#kind === "password" ? this.#input.value : this.#input.value.trim(), kind: this.#kind };
  }
}
