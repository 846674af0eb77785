// The dialog in which a passkey or one-time codes are set up, step by step. What it sets up counts only after it was shown
// to work; recovery codes stay on the screen until somebody says that they are kept.

import { codesPanel } from "./codes.js";
import { button, make, matrix } from "./dom.js";
import { calmly } from "./findings.js";
import { create } from "./passkey.js";
import { text as say } from "./strings.js";

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
    this.#draw(say("setup.codes"), say("setup.codes.kept"), async () => this.#dialog.close(), codesPanel(codes, this.#act.name()), false);
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
    const no = dismissable ? [button(say("button.not-now"), "soft", () => this.#dialog.close())] : [];
    const heading = make("h2", { id: "setup-title", tabindex: "-1" }, title);
    this.#form.replaceChildren(
      heading, ...parts, this.#error, make("div", { class: "row" }, make("button", { class: "primary", type: "submit", id: "setup-yes" }, yes), ...no),
    );
    this.#dialog.setAttribute("closedby", dismissable ? "closerequest" : "none");
    if (!this.#dialog.open) this.#dialog.showModal();
    (this.#form.querySelector("input") ?? heading).focus();
  }

  #naming() {
    const kind = `setup.${this.#kind}`;
    const field = make("input", { id: "setup-name", maxlength: "64", autocomplete: "off", placeholder: say(`${kind}.example`) });
    this.#draw(say(kind), say("setup.go-on"), () => this.#begin(field.value.trim()), [
      make("p", {}, say(`${kind}.why`)),
      make("div", { class: "labelled" }, make("label", { for: "setup-name" }, say("setup.name")), field),
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
    this.#draw(say("setup.totp"), say("button.confirm"), () => this.#confirm(field.value), [
      make("p", {}, say("setup.scan"), " ", make("a", { href: uri }, say("setup.open"))),
      ...(qr?.length ? [matrix(qr, say("setup.qr"))] : []),
      make("p", { class: "key" }, make("span", { class: "small" }, say("setup.key"), " "), make("code", { id: "setup-key" }, secret.match(/.{1,4}/g).join(" "))),
      make("div", { class: "labelled" }, make("label", { for: "setup-code" }, say("setup.code")), field),
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
      this.#error.textContent = say("setup.over");
    } else {
      this.#error.textContent = calmly(error);
      this.#form.querySelector("input")?.select();
    }
  }
}
