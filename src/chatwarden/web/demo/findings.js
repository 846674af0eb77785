// What was found, said calmly. The names are the data classes of the public contract.

const NAMES = {
  "payment-card": "card number", "card-code": "card security code", iban: "IBAN", "bank-account": "bank account number",
  "national-id": "identity number", passport: "passport number", "driver-licence": "driving licence number",
  phone: "phone number", email: "e-mail address", "postal-address": "postal address", "person-name": "name",
  "date-of-birth": "date of birth", "ip-address": "IP address", "mac-address": "device address",
  "crypto-wallet": "wallet address", credential: "password or key", health: "health detail", location: "location",
  url: "web address",
};

const OWN = {
  masked: (name) => `Your ${name} was hidden. The bot never sees it.`,
  removed: (name) => `Your ${name} was removed. It is not kept, and the bot never sees it.`,
  placeholder: (name) => `You see your ${name}; the bot sees only a placeholder.`,
  held: (name) => `A ${name} was found. It is hidden, and the message waits for you.`,
};
const OTHERS = {
  masked: (name) => `A ${name} in this answer was hidden.`,
  removed: (name) => `A ${name} in this answer was removed.`,
  placeholder: (name) => `This answer repeats your ${name}. Only you see it.`,
  held: (name) => `A ${name} in this answer was hidden.`,
};

/** What was found and what was done, in one line: a sentence for each kind of finding; empty where there is nothing to say. */
export function explain(message) {
  const say = message.from === "client" ? OWN : OTHERS;
  const lines = (message.findings ?? [])
    .filter((finding) => Object.hasOwn(say, finding.action))
    .map((finding) => say[actionOf(finding, message)](nameOf(finding.class)).replace(/\bA (?=[aeioI])/, "An "));
  return [...new Set(lines)].join(" ");
}

// What was held waits no longer once its person let it go on: the bot saw the mask.
function actionOf({ action }, message) {
  return action === "held" && message.state !== "held" ? "masked" : action;
}

function nameOf(dataClass) {
  return Object.hasOwn(NAMES, dataClass) ? NAMES[dataClass] : "private detail";
}

const DESTROYED = {
  person: "you asked for it", expired: "its time was over", withdrawn: "you took it back",
  erasure: "it was erased on request", "holder-lost": "its key was kept in memory only, and that memory is gone",
  "destroyed-before": "it had been destroyed before a backup was put back",
};

/** Why a message is gone. */
export function whyDestroyed(reason) {
  return Object.hasOwn(DESTROYED, reason ?? "") ? DESTROYED[reason] : "";
}

const ENDED = {
  idle: "It was quiet for a while and nobody answered whether you were still there.",
  absolute: "A visit lasts only so long, however busy it is. This one reached its limit.",
  "wrong-answers": "The confirmation was wrong too often.",
  revoked: "It was ended by the people who run this service.",
  logout: "You ended it.",
  replaced: "You signed in elsewhere with this visit; it goes on there.",
  disabled: "This account was switched off.",
  "credential-changed": "The password or a second factor of this account was changed.",
  "company-logout": "You signed out at your company.",
};

/** Why a session is over. */
export function whyEnded(reason) {
  return Object.hasOwn(ENDED, reason ?? "") ? ENDED[reason] : "It is no longer known here.";
}

const FACTORS = {
  password: "your password", totp: "a one-time code", passkey: "a passkey", "passkey-presence": "a security key",
  recovery: "a recovery code", company: "your company's login", mfa: "a second factor there",
  assertion: "a website that knows you", issued: "a token that was made for you",
};

/** How a person was identified: "your password and a one-time code". */
export function howIdentified(factors) {
  const known = factors.filter((one) => Object.hasOwn(FACTORS, one)).map((one) => FACTORS[one]);
  return known.length > 1 ? `${known.slice(0, -1).join(", ")} and ${known.at(-1)}` : (known[0] ?? "nothing");
}

const PROBLEMS = {
  "too-many-requests": "That was a little fast. Please wait a moment and try again.",
  "too-many-attempts": "Too many attempts. Please wait a few minutes.",
  "invalid-credentials": "That is not right.",
  "not-found": "This is not here any more.",
  forbidden: "That is not allowed here.",
  unavailable: "That is not possible at the moment. Nothing was lost; please try again.",
};

/** A refusal or a lost network, for a person. */
export function calmly(error) {
  if (error.name === "message-blocked") {
    const names = [...new Set((error.document?.classes ?? []).map(nameOf))].join(", ");
    return `This bot does not take such data${names ? ` (${names})` : ""}. Nothing of it was kept or sent on.`;
  }
  if (error.name === "forbidden" && error.document?.kept_until) {
    return `The law wants this kept until ${new Date(error.document.kept_until).toLocaleDateString()}.`;
  }
  return Object.hasOwn(PROBLEMS, error.name) ? PROBLEMS[error.name] : error.message;
}
