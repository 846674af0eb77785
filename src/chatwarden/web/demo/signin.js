// The sign-in dialog: name and password and what follows, a passkey alone, or the company's login. What is typed goes to
// the gateway and nowhere else; the fields are emptied at once.

import { call } from "./api.js";
import { button, by, make } from "./dom.js";
import { calmly } from "./findings.js";
import { possible, use } from "./passkey.js";
import { Cancelled, TimeOver } from "./proof.js";
import { text as say } from "./strings.js";
import { begin as beginAtCompany, list as companies } from "./company.js";

export class SignIn {
  #dialog;
  #act;
  #proof;

  /** `act.token()` gives the visitor's token if there is one, `act.arrived(body)` takes over what a login answered;
   * `act.company(name)`, if it is there, goes to a company's login in another way than by leaving this page.
   */
  constructor(proof, act, why = say("signin.why")) {
    this.#act = act;
    this.#proof = proof;
    const field = (id, label, more) =>
      make("div", { class: "labelled" }, make("label", { for: id }, label), make("input", { id, maxlength: "512", required: "", ...more }));
    const form = make(
      "form", { id: "signin-form", method: "dialog" },
      make("h2", { id: "signin-title" }, say("signin.title")),
      make("p", {}, why),
      field("username", say("signin.name"), { autocomplete: "username", autocapitalize: "none", spellcheck: "false" }),
      field("password", say("signin.password"), { type: "password", autocomplete: "current-password" }),
      make("p", { id: "signin-error", class: "error", role: "alert" }),
      make("div", { class: "row" }, make("button", { class: "primary", type: "submit" }, say("signin.yes")), button(say("button.not-now"), "soft", () => this.#dialog.close())),
      make("div", { id: "signin-others", class: "others" }),
    );
    this.#dialog = make("dialog", { id: "signin", class: "dialog", "aria-labelledby": "signin-title" }, form);
    document.body.append(this.#dialog);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#tried(() => this.#password());
    });
    this.#dialog.addEventListener("close", () => (by("password").value = ""));
  }

  async open(name = "") {
    by("signin-error").textContent = "";
    if (!this.#dialog.open) this.#dialog.showModal();
    if (name) by("username").value = name;
    by(by("username").value ? "password" : "username").focus();
    const passkey = possible() ? [button(say("signin.passkey"), "soft", () => this.#tried(() => this.#passkey()))] : [];
    by("signin-others").replaceChildren(...passkey);
    const leave = (name) => {
      if (!this.#act.company) return beginAtCompany(name);
      this.#dialog.close();
      return this.#act.company(name);
    };
    const company = (one) => button(say("signin.company", { company: one.title }), "soft", () => leave(one.name));
    by("signin-others").replaceChildren(...passkey, ...(await companies()).map(company));
  }

  async #password() {
    const username = by("username").value;
    const password = by("password").value;
    by("password").value = "";
    try {
      return (await call("POST", "/session", { token: this.#act.token(), body: { username, password } })).body;
    } catch (error) {
      if (error.name !== "second-factor-required" || !error.document.challenge) throw error;
      return this.#second(error.document.challenge);
    }
  }

  async #second(challenge) {
    try {
      return await this.#proof.ask(
        challenge, say("signin.second.title"), say("signin.second.why"),
        (asked, given) => this.#answered(asked, given),
      );
    } catch (error) {
      if (!["invalid-credentials", "not-found"].includes(error.name)) throw error;
      throw new TimeOver(say("signin.over"));
    }
  }

  async #passkey() {
    const { body } = await call("POST", "/session/passkey", { body: {} });
    return this.#answered(body.challenge, { answer: await use(body.challenge.passkey), kind: "passkey" });
  }

  async #answered(challenge, given) {
    return (await call("POST", `/challenges/${challenge.id}/answer`, { token: this.#act.token(), body: given })).body;
  }

  async #tried(act) {
    const buttons = [...this.#dialog.querySelectorAll("button")];
    buttons.forEach((one) => (one.disabled = true));
    by("signin-error").textContent = "";
    try {
      const body = await act();
      this.#dialog.close();
      await this.#act.arrived(body);
    } catch (error) {
      if (error instanceof Cancelled) return;
      by("signin-error").textContent = calmly(error);
    } finally {
      buttons.forEach((one) => (one.disabled = false));
      if (this.#dialog.open) by("password").focus();
    }
  }
}
