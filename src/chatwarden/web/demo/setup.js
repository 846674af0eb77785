// The dialog in which a passkey or one-time codes are set up, step by step. What it sets up counts only after it was shown
// to work; recovery codes stay on the screen until somebody says that they are kept.

import { codesPanel } from "./codes.js";
import { button, make, matrix } from "./dom.js";
import { calmly } from "./findings.js";
import { NoPasskey, create } from "./passkey.js";
import { sentence } from "./password.js";

const KINDS = {
  passkey: {
    title: "Add a passkey", example: "Work laptop",
    why: "Your device keeps the passkey and asks for your finger, your face or its PIN. There is nothing to type and nothing to give away.",
  },
  totp: {
    title: "Add one-time codes", example: "Phone",
    why: "An authenticator app on your phone shows a new code every thirty seconds.",
  },
};

export class Setup {
  #dialog;
  #form = make("form", { method: "dialog", autocomplete: "off" });
  #error = make("p", { class: "error", role: "alert", id: "setup-error" });
  #act;
  #kind = "";
  #begun = null;
  #submit = async () => {};
  #kept = null;

  /** `act` has ask(method, path, body), added(body) after something was set up, refused(error), name() and closed(). */
  constructor(act) {
    this.#act = act;
    this.#dialog = make("dialog", { class: "dialog", id: "setup", "aria-labelledby": "setup-title" }, this.#form);
    document.body.append(this.#dialog);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#tried();
    });
    this.#dialog.addEventListener("cancel", (event) => this.#kept && event.preventDefault());
    this.#dialog.addEventListener("close", () => this.#closed());
    window.addEventListener("beforeunload", (event) => this.#kept && event.preventDefault());
  }

  /** Sets up a factor of this kind. */
  open(kind) {
    this.#kind = kind;
    this.#begun = null;
    this.#naming();
  }

  /** Shows recovery codes; resolves when they are kept, or the dialog was taken away. */
  codes(codes) {
    this.#draw("Your recovery codes", "I have kept them", async () => this.#dialog.close(), codesPanel(codes, this.#act.name()), false);
    return new Promise((done) => (this.#kept = done));
  }

  /** The session is over: nothing stays on the screen. */
  close() {
    this.#dialog.close();
  }

  #closed() {
    this.#begun = null;
    this.#form.replaceChildren(); // keys and codes too
    this.#kept?.();
    this.#kept = null;
    this.#act.closed();
  }

  #draw(title, yes, submit, parts, dismissable = true) {
    this.#submit = submit;
    this.#error.textContent = "";
    const no = dismissable ? [button("Not now", "soft", () => this.#dialog.close())] : [];
    const heading = make("h2", { id: "setup-title", tabindex: "-1" }, title);
    this.#form.replaceChildren(
      heading, ...parts, this.#error, make("div", { class: "row" }, make("button", { class: "primary", type: "submit", id: "setup-yes" }, yes), ...no),
    );
    this.#dialog.setAttribute("closedby", dismissable ? "closerequest" : "none");
    if (!this.#dialog.open) this.#dialog.showModal();
    (this.#form.querySelector("input") ?? heading).focus();
  }

  #naming() {
    const kind = KINDS[this.#kind];
    const field = make("input", { id: "setup-name", maxlength: "64", autocomplete: "off", placeholder: kind.example });
    this.#draw(kind.title, "Go on", () => this.#begin(field.value.trim()), [
      make("p", {}, kind.why),
      make("div", { class: "labelled" }, make("label", { for: "setup-name" }, "A name, so that you know it again (if you like)"), field),
    ]);
  }

  async #begin(name) {
    this.#begun ??= (await this.#act.ask("POST", "/factors", { kind: this.#kind, name })).body;
    if (!this.#dialog.open) return;
    if (this.#kind === "totp") this.#scanning();
    else await this.#confirm(await create(this.#begun.options));
  }

  #scanning() {
    const { qr, secret, uri } = this.#begun;
    const field = make("input", {
      id: "setup-code", inputmode: "numeric", autocomplete: "one-time-code", maxlength: "16", required: "", autocapitalize: "none", spellcheck: "false",
    });
    this.#draw("Add one-time codes", "Confirm", () => this.#confirm(field.value), [
      make("p", {}, "Scan this with your authenticator app, ", make("a", { href: uri }, "open it on this device"), ", or type the key."),
      ...(qr?.length ? [matrix(qr, "QR code for your authenticator app; the key beneath it is the same")] : []),
      make("p", { class: "key" }, make("span", { class: "small" }, "Key "), make("code", { id: "setup-key" }, secret.match(/.{1,4}/g).join(" "))),
      make("div", { class: "labelled" }, make("label", { for: "setup-code" }, "The code that the app shows now"), field),
    ]);
  }

  async #confirm(answer) {
    const { body } = await this.#act.ask("POST", `/factors/${encodeURIComponent(this.#begun.id)}/confirm`, { answer });
    this.#act.added(body); // first of all: a new token may have taken the place of the old one
    if (body.recovery_codes) await this.codes(body.recovery_codes);
    else this.#dialog.close();
  }

  async #tried() {
    const yes = this.#form.querySelector("#setup-yes");
    yes.disabled = true;
    this.#error.textContent = "";
    try {
      await this.#submit();
    } catch (error) {
      this.#complain(error);
    } finally {
      yes.disabled = false;
    }
  }

  #complain(error) {
    if (this.#act.refused(error)) return;
    if (error.name === "not-found" && this.#begun) {
      this.#begun = null;
      this.#naming();
      this.#error.textContent = "That took too long, or was wrong too often. Please begin again.";
    } else {
      const told = ["invalid-request", "forbidden"].includes(error.name) && error.document.detail;
      this.#error.textContent = error instanceof NoPasskey ? error.message : told ? sentence(told) : calmly(error);
      this.#form.querySelector("input")?.select();
    }
  }
}
