// What the chat says, by key, in English. Another language is another table of the same keys: what takes arguments is a
// function of them, since word order differs.

const kept = (count) => (count ? ` ${count} of them the law wants kept.` : "");

const EN = {
  again: "Try again",
  unreachable: "The gateway cannot be reached; trying again",
  connected: "Connected",
  connecting: "Connecting again",
  "visit-ended": "Visit ended",
  "waits-network": "Waiting for the network",
  "waits-answer": "Waiting for your answer",
  unsent: (why) => `Not sent. ${why}`,
  "all-destroyed": (count) => `Everything that was said here is destroyed.${kept(count)}`,
  "none-destroyed": (count) => `There was nothing to destroy.${kept(count)}`,
  "ask-person": "Talk to a person",
  "no-person": "No, thank you",
  "go-back": "Go on without",
  "handoff-bot": "",
  "handoff-offered": "Would a person be of more help?",
  "handoff-queued": ({ position }) =>
    `A person has been asked for. ${position > 1 ? `You are number ${position} in line. ` : position === 1 ? "You are next. " : ""}Until somebody takes over, the machine goes on answering.`,
  "handoff-assigned": ({ agent }) => `${agent?.name || "A person"} is with you now. The machine does not answer while you talk.`,
  "handoff-wrap-up": ({ agent }) => `${agent?.name || "The person"} has finished. If something is left, just write.`,
  "handoff-closed": "This conversation is closed. If you write again, it goes on with the machine.",
  "proof-missing": (application) => `For this the machine needs a fresh proof that it is you (${application}).`,
  "proof-go": "Prove that it is me",
  "proof-not": "Not now",
  "proof-sign-in": "Sign in",
  "proof-done": "It is known that it is you. Ask the machine once more.",
  "machine-writes": "The machine is writing",
  "person-writes": (name) => `${name || "A person"} is writing`,
};

/** The words under `key`; none where there is no such key. */
export function say(key, ...given) {
  const words = Object.hasOwn(EN, key) ? EN[key] : "";
  return typeof words === "function" ? words(...given) : words;
}
