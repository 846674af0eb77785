// What the gateway names in a word, said calmly: what was found, why something ended, what was refused. The words are those
// of the public contract; a sentence that the gateway sends with them is for programs.

import { day, lasting } from "./clock.js";
import { known, list, text as say } from "./strings.js";

const either = (key, other) => say(known(key) ? key : other);
const nameOf = (dataClass) => either(`class.name.${dataClass}`, "class.name.other");

/** What was found and what was done, in one line: a sentence for each kind of finding; empty where there is nothing to say. */
export function explain(message) {
  const whose = message.from === "client" ? "finding.own" : "finding.answer";
  const lines = (message.findings ?? [])
    .filter((finding) => known(`${whose}.${finding.action}`))
    .map((finding) => say(`${whose}.${actionOf(finding, message)}`, { name: nameOf(finding.class) }));
  return [...new Set(lines)].join(" ");
}

// What was held waits no longer once its person let it go on: the bot saw the mask.
function actionOf({ action }, message) {
  return action === "held" && message.state !== "held" ? "masked" : action;
}

/** That a message is gone: an `own` one or an answer, when (empty where that is not known) and why. */
export function gone(own, time, reason) {
  const why = known(`gone.why.${reason}`) ? say(`gone.why.${reason}`) : "";
  return say(["gone", own ? "yours" : "answer", time && "at", why && "why"].filter(Boolean).join("."), { time, why });
}

/** Why a session is over. */
export const whyEnded = (reason) => either(`ended.why.${reason}`, "ended.why.other");

/** How a person was identified: "your password and a one-time code". */
export function howIdentified(factors) {
  const shown = factors.filter((one) => known(`showed.${one}`)).map((one) => say(`showed.${one}`));
  return shown.length ? list(shown) : say("showed.nothing");
}

/** Who has the conversation, for its person; empty where that is the machine. */
export function handoff({ state, position, agent }) {
  if (state === "queued" && position) return say(position > 1 ? "handoff.queued.place" : "handoff.queued.next", { position });
  const key = `handoff.${state}`;
  if (agent?.name && known(`${key}.name`)) return say(`${key}.name`, { name: agent.name });
  return known(key) ? say(key) : "";
}

/** What the people of a bot are told: the operator's own text where there is one, ours where the gateway made it. */
export function told(notice) {
  const made = notice.made ?? [];
  return {
    ...notice,
    machine: made.includes("machine") ? say("told.machine") : notice.machine,
    privacy: made.includes("privacy") && notice.lifetimes ? lifetimes(notice.lifetimes) : notice.privacy,
  };
}

function lifetimes({ default: usual, classes, kept }) {
  const sooner = Object.entries(classes).map(([name, seconds]) => say("told.sooner.class", { name: nameOf(name), time: lasting(seconds) }));
  const such = sooner.length ? [say("told.sooner", { classes: list(sooner) })] : [];
  return [say("told.lifetime", { time: lasting(usual) }), ...such, say("told.never"), say(kept ? "told.kept" : "told.any-time")].join(" ");
}

/** A refusal or a lost network, for a person. */
export function calmly(error) {
  const { document } = error;
  if (!document) return error.message; // one of our own, in the language of the page
  if (known(`refused.${document.reason}`)) return say(`refused.${document.reason}`, document);
  if (error.name === "message-blocked" && document.classes?.length) {
    return say("problem.message-blocked.classes", { names: [...new Set(document.classes.map(nameOf))].join(", ") });
  }
  if (error.name === "forbidden" && document.kept_until) return say("problem.kept", { date: day(document.kept_until) });
  return either(`problem.${error.name}`, "problem.other");
}
