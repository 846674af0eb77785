// Where an agent writes: to the person, or a note for colleagues, which looks different from the first letter on. `/hi` and
// Tab puts a reply in; without such a word Tab goes on as everywhere.

import { cardsIn } from "/demo/cards.js";
import { button, make } from "/demo/dom.js";
import { keep, recall } from "/demo/store.js";
import { icon } from "./icons.js";
import { filled, matching, putIn, wordAt } from "./desk-replies.js";
import { text } from "/demo/strings.js";

const TYPING = 3_000; // no more often than this the person is told that somebody writes
const MOST = 6;

export class Composer {
  element;
  #box = make("textarea", { id: "desk-text", rows: "2", maxlength: "16384", "aria-describedby": "desk-hint", enterkeyhint: "send" });
  #label = make("label", { class: "hidden", for: "desk-text" });
  #hint = make("p", { id: "desk-hint", class: "small hint-line", role: "status" });
  #offers = make("ul", { class: "offers", hidden: "" });
  #modes = {};
  #mode = "reply";
  #offered = [];
  #chosen = 0;
  #typed = 0;
  #key = "";
  #act;

  /** `act` has reply(text), note(text), typing(), replies() -> list, values() -> variables, left(). */
  constructor(act) {
    this.#act = act;
    for (const mode of ["reply", "note"]) this.#modes[mode] = button(text(`mode.${mode}`), "mode", () => this.write(mode));
    this.#send = make("button", { class: "send", type: "submit" }, icon("send"));
    this.element = make(
      "form", { class: "desk-composer", autocomplete: "off" },
      make("div", { class: "modes", role: "group", "aria-label": text("modes") }, this.#modes.reply, this.#modes.note),
      this.#offers, make("div", { class: "field" }, this.#label, this.#box, this.#send), this.#hint,
    );
    this.element.addEventListener("submit", (event) => (event.preventDefault(), this.#submit()));
    this.#box.addEventListener("input", () => this.#changed());
    this.#box.addEventListener("keydown", (event) => this.#pressed(event));
    this.#box.addEventListener("click", () => this.#offer());
    this.#box.addEventListener("blur", () => this.#withdraw());
  }

  #send;

  /** Goes over to a conversation, with what was begun there. `may` lists the modes that are possible. */
  open(conversation, may) {
    const other = this.#key !== `desk.draft.${conversation}`;
    if (other) {
      this.#key = `desk.draft.${conversation}`;
      this.#fill(recall(this.#key));
    }
    for (const [mode, one] of Object.entries(this.#modes)) one.hidden = !may.includes(mode);
    this.element.hidden = may.length === 0;
    this.#set(may.includes(this.#mode) && !other ? this.#mode : (may[0] ?? "note"));
  }

  /** The focus, to write in this mode, where that is possible. */
  write(mode) {
    if (this.element.hidden || this.#modes[mode].hidden) return;
    this.#set(mode);
    this.#box.focus();
  }

  giveBack(mode, said) {
    this.#set(mode);
    this.#fill(this.#box.value ? `${said}\n${this.#box.value}` : said);
  }

  #set(mode) {
    this.#mode = mode;
    this.element.dataset.mode = mode;
    for (const [name, one] of Object.entries(this.#modes)) one.setAttribute("aria-pressed", String(name === mode));
    this.#label.textContent = text(`mode.${mode}.label`);
    this.#box.placeholder = text(`mode.${mode}.placeholder`);
    this.#send.setAttribute("aria-label", text(`mode.${mode}.send`));
    this.#tell();
  }

  #fill(said) {
    this.#box.value = said;
    this.#fit();
    this.#keep();
  }

  #fit() {
    this.#box.style.height = "auto";
    this.#box.style.height = `${Math.min(Math.max(this.#box.scrollHeight, 44), 180)}px`;
  }

  // What looks like a card number should not lie anywhere.
  #keep() {
    if (this.#key) keep(this.#key, cardsIn(this.#box.value).length ? "" : this.#box.value);
  }

  #changed() {
    this.#fit();
    this.#keep();
    this.#offer();
    if (this.#mode === "reply" && this.#box.value && Date.now() - this.#typed > TYPING) {
      this.#typed = Date.now();
      this.#act.typing();
    }
  }

  #tell() {
    const offer = this.#offered[this.#chosen];
    if (cardsIn(this.#box.value).length) this.#hint.textContent = text("hint.card");
    else this.#hint.textContent = offer ? text("hint.offer", { shortcut: offer.shortcut, name: offer.name }) : text(`mode.${this.#mode}.hint`);
  }

  // -- replies

  #offer() {
    const found = this.#mode === "reply" ? wordAt(this.#box.value, this.#box.selectionStart) : null;
    this.#offered = found ? matching(this.#act.replies(), found.word).slice(0, MOST) : [];
    this.#chosen = 0;
    this.#draw();
  }

  #draw() {
    this.#offers.hidden = this.#offered.length === 0;
    this.#offers.replaceChildren(...this.#offered.map((one, place) => {
      const act = button("", "offer", () => this.#take(one));
      act.tabIndex = -1;
      act.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
      act.append(make("code", {}, one.shortcut), make("span", {}, filled(one, this.#act.values())));
      return make("li", { "data-chosen": String(place === this.#chosen) }, act);
    }));
    this.#tell();
  }

  #withdraw() {
    this.#offered = [];
    this.#draw();
  }

  #take(reply) {
    const found = wordAt(this.#box.value, this.#box.selectionStart);
    if (!found) return;
    const put = putIn(this.#box.value, this.#box.selectionStart, found, filled(reply, this.#act.values()));
    this.#box.value = put.text;
    this.#box.setSelectionRange(put.caret, put.caret);
    this.#box.focus();
    this.#changed();
  }

  #pressed(event) {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const offered = this.#offered.length > 0;
    if (event.key === "Tab" && !event.shiftKey && offered) this.#take(this.#offered[this.#chosen]);
    else if (["ArrowDown", "ArrowUp"].includes(event.key) && offered) {
      const n = this.#offered.length;
      this.#chosen = (this.#chosen + (event.key === "ArrowDown" ? 1 : n - 1)) % n;
      this.#draw();
    } else if (event.key === "Escape") {
      if (offered) this.#withdraw();
      else this.#act.left();
    } else if (event.key === "Enter" && !event.shiftKey) this.element.requestSubmit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #submit() {
    const said = this.#box.value.trim();
    if (!said) return;
    this.#fill("");
    this.#withdraw();
    this.#typed = 0;
    this.#act[this.#mode](said);
  }
}
