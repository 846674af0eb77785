// The sign-in dialog. The password goes to the gateway and nowhere else; the field is emptied at once.

import { by } from "./dom.js";
import { calmly } from "./findings.js";

export class SignIn {
  #dialog = by("signin");
  #act;

  /** `act(username, password)` signs in, or raises. */
  constructor(act) {
    this.#act = act;
    by("signin-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    by("signin-close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => (by("password").value = ""));
  }

  open() {
    by("signin-error").textContent = "";
    if (!this.#dialog.open) this.#dialog.showModal();
    by("username").focus();
  }

  async #submit() {
    const submit = this.#dialog.querySelector("button.primary");
    submit.disabled = true;
    by("signin-error").textContent = "";
    try {
      await this.#act(by("username").value, by("password").value);
      this.#dialog.close();
    } catch (error) {
      by("signin-error").textContent = calmly(error);
      by("password").value = "";
      by("password").focus();
    } finally {
      submit.disabled = false;
    }
  }
}
