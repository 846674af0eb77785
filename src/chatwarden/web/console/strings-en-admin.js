// English: the pages for administrators and auditors.

const shared = {
  all: "All", none: "There is nothing here.", more: "More", clear: "Clear", yes: "Yes", no: "No", off: "off",
  who: "Who", role: "Role", state: "State", act: "Act", bot: "Bot", class: "Data class", talk: "Conversation", talks: "Conversations", "talks.of": "Show",
  span: "Time", "span.hour": "Last hour", "span.day": "Last day", "span.week": "Last week", "span.month": "Last 30 days",
  "chart.now": "now", "chart.table": "As a table", "chart.time": "From", "chart.of": "{name} over time",
};

const overview = {
  "overview.now": "People now",
  "overview.people": { one: "{n} living session: show it", other: "{n} living sessions: show them" },
  "overview.bots": { one: "{n} bot is asked", other: "{n} bots are asked" }, "overview.paused": "{n} paused",
  "overview.counting": "The log of the last day is still being counted.",
  "overview.classes": "Personal data by class", "overview.found": "Messages found in", "overview.destroyed": "Of these destroyed",
  "overview.nothing-found": "No personal data was found.",
  "number.messages": "Messages", "number.answered": "Answered by a bot", "number.handed-over": "Handed over to people", "number.bot-failures": "Failures of bots",
  "number.found": "Personal data found", "number.destroyed": "Messages destroyed", "number.refused": "Refused", "number.attacks": "Attacks noticed",
  "number.list": "{name}: {count}. Show the list",
  "found.title": "Messages with personal data", "found.message": "Message", "found.by": "From", "found.at": "At", "found.state": "State", "found.destroyed": "Destroyed", "found.live": "Lives",
  "found.back": "Overview", "found.about": "{class}. What was found is nowhere here: only in which message, and what became of that.",
};

const lists = {
  "sessions.total": { one: "{n} session lives.", other: "{n} sessions live." },
  "sessions.how": "Identified by", "sessions.since": "Since", "sessions.last": "Last input", "sessions.until": "Ends", "sessions.own": "This one",
  "sessions.revoke": "End", "sessions.revoke-of": "End the session of {name}", "sessions.sure": "End it everywhere?", "sessions.ended": "Ended",
  "sessions.user": "Account", "sessions.user-hint": "name or usr_…",
  "talk.opened": "Began", "talk.owner-hint": "name, usr_… or vis_…", "talk.back": "All conversations", "talk.lanes": "In two lanes", "talk.log": "In the log",
  "talk.messages": "Messages, oldest first", "talk.masked": "Of everything that was found only the mask is shown. That you looked is in the log.",
  "talk.empty": "There is nothing in it.", "talk.later": "Later messages", "talk.destroyed": "Destroyed", "talk.lives": "Destroyed in {time}.", "talk.held": "Waits for its person",
  "people.on": "On", "people.off": "Off", "people.seen": "Last here", "people.log": "Acts",
  "people.name": "Name begins with", "people.disable": "Switch off", "people.enable": "Switch on", "people.sure-off": "End all of it?", "people.sure-on": "Let them in again?",
  "people.disabled": { one: "{name} is switched off; {n} session ended.", other: "{name} is switched off; {n} sessions ended." }, "people.enabled": "{name} is switched on.",
};

const setup = {
  "bots.paused": "Paused", "bots.asked": "Asked", "bots.observe": "Only observed", "bots.connector": "Connector", "bots.url": "Where", "bots.who": "For", "bots.level": "Level",
  "bots.no-account": "No account: it reaches no application", "bots.talks": "Conversations", "bots.grants": "Reaches", "bots.policy": "Policy", "bots.instances": "Accounts of {name}",
  "bots.instance": "Instance", "bots.used": "Last used", "bots.expires": "Ends", "bots.gone": "Accounts whose bot is not configured any more",
  "bots.levels": "Access levels", "bots.rights": "Rights", "bots.no-levels": "No access levels are written.",
  "apps.name": "Name", "apps.url": "Where", "apps.sign-in": "Signs in by", "apps.account": "Account", "apps.since": "Since", "apps.generation": "Credential", "apps.none": "The broker knows no application.",
  "apps.grants": "Grants", "apps.application": "Application", "apps.may": "May ask", "apps.right": "Right", "apps.person": "Person's right", "apps.fresh": "Fresh proof", "apps.classes": "May be put in",
  "apps.rate": "At most", "apps.no-grants": "Nothing is granted.", "apps.leases": "Signed in now", "apps.tries": "Tries", "apps.no-leases": "Nobody is signed in anywhere.", "apps.gone": "The broker: {why}",
  "policy.about": "What is done with each class in a message, and how long a message with it lives at most; the strictest class wins.", "policy.settings": "Where it is written",
  "policy.lives": "{time}", "policy.never": "never written", "policy.keep": "kept {time} for the law", "policy.observed": "{bot} (only observed)", "policy.level": "Erasure level",
  "policy.nothing": "Messages in which nothing is found", "policy.mode": "Mode", "policy.default": "Lives", "policy.law": "Kept for the law",
  "settings.where": "Where they are written", "settings.file": "File", "settings.no-file": "none: every setting has its default", "settings.profile": "Profile", "settings.lab": "Lab mode", "settings.lab-on": "On: for tests only",
  "settings.secrets": "Secrets stand in files of their own, which are named here and never shown.", "settings.all": "Settings in force", "settings.name": "Setting", "settings.value": "Value", "settings.source": "From",
  "settings.line": "line {line}", "settings.after": "After a change", "settings.reload": "reload", "settings.restart": "restart", "settings.meaning": "Meaning",
  "settings.count": { one: "{n} setting.", other: "{n} settings." },
  "settings.roles": "Sessions by role", "settings.idle": "Idle", "settings.asked": "Asked before", "settings.absolute": "At most", "settings.confirmation": "Kept by", "settings.recheck": "Asked again", "settings.factor": "Second factor",
};

const audit = {
  "audit.view": "View", "audit.list": "As a list", "audit.lanes": "In two lanes", "audit.earlier": "Earlier entries", "audit.shown": { one: "{n} entry.", other: "{n} entries." },
  "audit.back-to": "Looked back to", "audit.whole": "That is all.", "audit.oldest-first": "Entries, oldest first", "audit.house": "Person and house",
  "audit.event": "Event", "audit.lane": "Lane", "audit.decision": "Decision", "audit.actor": "By", "audit.actor-hint": "name, usr_…, bot", "audit.object": "About", "audit.from": "From", "audit.to": "To",
  "audit.entry": "Entry", "audit.at": "At", "audit.why": "Why", "audit.receipt": "Receipt", "audit.late": "written after the act",
  "check.title": "Is the log whole?", "check.begin": "Check it", "check.progress": "Entries checked", "check.never": "It was not checked since the gateway started.", "check.begun": "The check begins.",
  "check.running": "Entry {done} of {of} of {year}.", "check.ok": { one: "Whole: {n} entry, as it was signed.", other: "Whole: {n} entries, as they were signed." }, "check.wrong": "Not as it was, {where}: {reason}",
  "check.entry": "entry {index} of {year}", "check.nowhere": "at no single entry", "check.failed": "The check could not be done; the gateway's log says why.", "check.year": "{year}: {size} entries, root {root}…",
};

const worth = {
  "took.s": "{time} s", "took.min": "{time} min", "took.h": "{time} h",
  "number.inquiries": "Inquiries", "number.answered-by-bot": "Answered by the bot", "number.by-people": "People were asked for", "number.asked-people": "Handed over to people", "number.not-taken": "Nobody took it",
  "worth.share": "{percent} % answered by the bot alone.", "worth.quiet": "Nobody began a conversation.",
  "worth.times": "How long it took", "worth.what": "What", "worth.median": "Half within", "worth.p90": "90 % within", "worth.count": "How often", "worth.waiting": "Waiting", "worth.handling": "Handling",
  "worth.about": "Waiting: from the request until an agent had it. Handling: from then until it was finished.",
  "behind.by": "Answered by", "behind.asked": "Asked at", "behind.reason": "Why", "behind.agent": "Agent", "behind.outcome": "Ended by", "behind.stage": "How far", "behind.about": "What was said is not here: a conversation opens masked, and that is in the log.",
  "stage.taken": "An agent had it", "stage.finished": "Finished",
  "queue.worth": "What the desk was worth", "queue.agents": "Agents", "queue.no-agents": "No agent has been here since the gateway started.", "queue.presence": "Presence", "queue.since": "Since",
  "queue.load": "Has", "queue.of": "{n} of {capacity}", "queue.skills": "Knows", "queue.skill": "For", "queue.priority": "Priority", "queue.times": "Times", "queue.queue": "Waiting, in the order of service", "queue.nobody": "Nobody waits.",
  "queue.assigned": "With agents", "queue.none-assigned": "No agent has a conversation.",
  "queue.waiting": { one: "{n} conversation waits.", other: "{n} conversations wait." }, "queue.there": { one: "{n} agent is at the desk.", other: "{n} agents are at the desk." },
};

const acts = {
  "people.way": "Comes in by", "people.vouched": "Company or website", "people.invited": "Not come in yet", "people.you": "This is you",
  "people.invite": "Invite somebody", "people.invite-why": "They get a link with which they choose a password. It is shown to you once.", "people.invite-yes": "Make the link",
  "people.account": "Name of the account", "people.email": "Told of changes at (optional)", "people.again": "New link",
  "people.role": "Role", "people.role-of": "Another role for {name}", "people.role-why": "Their sessions have the rights of the old role, and end.", "people.role-yes": "Give this role",
  "people.has-role": { one: "{name} is {role} now; {n} session ended.", other: "{name} is {role} now; {n} sessions ended." },
  "people.end": "End sessions", "people.sure-end": "End all of them?", "people.ended": { one: "{n} session of {name} ended.", other: "{n} sessions of {name} ended." },
  "invitation.title": "The link for {name}", "invitation.why": "For one use within a day, then {name} is {role}. Give it to them on a way that is safe. It is shown here now and never again.",
  "invitation.link": "Link", "invitation.copy": "Copy", "invitation.copied": "Copied.", "invitation.by-hand": "This browser does not let the page copy. It is selected: copy it by hand.",
  "bots.pause": "Pause", "bots.resume": "Ask again", "bots.sure-pause": "People will be offered instead. Pause?", "bots.sure-resume": "Let it answer again?",
  "bots.stopped": "{name} is not asked any more.", "bots.resumed": "{name} is asked again.", "bots.pause-all": "Pause every bot", "bots.resume-all": "Ask every bot again",
  "bots.all-paused": "Every bot is paused", "bots.none-asked": "No bot is asked any more.", "bots.all-asked": "Every bot is asked again.",
  "bots.inquiries": "Inquiries", "bots.made": "Made", "bots.soon": "soon", "bots.no-grants": "No application", "bots.drift-unknown": "the broker does not answer",
  "bots.drift": { one: "{n} grant does not fit its level", other: "{n} grants do not fit its level" },
};

const words = {
  "event.conversation:handoff-requested": "Asked for people", "event.conversation:handoff-offered": "People offered",
  "role.visitor": "Visitor", "role.customer": "Customer", "role.agent": "Agent", "role.admin": "Administrator", "role.auditor": "Auditor", "role.trainer": "Trainer", "role.bot": "Bot",
  "kind.visitor": "Visitor", "kind.person": "Person", "kind.bot": "Bot", "state.active": "Here", "state.prompted": "Being asked",
  "from.client": "Person", "from.bot": "Bot", "from.agent": "Agent", "from.system": "Gateway",
  "lane.client": "Person", "lane.bot": "Bot", "lane.staff": "Staff", "lane.system": "Gateway", "decision.allow": "Allowed", "decision.deny": "Refused", "decision.observe": "Observed",
  "factor.password": "Password", "factor.totp": "One-time code", "factor.passkey": "Passkey", "factor.passkey-presence": "Security key", "factor.recovery": "Recovery code", "factor.company": "Company login",
  "factor.mfa": "Second factor there", "factor.assertion": "Website", "factor.issued": "Issued token", "factor.tap": "A tap", "origin.visitor": "Nobody",
  "needed.required": "Required", "needed.optional": "Optional", "mode.protect": "Protects", "mode.observe": "Only observes",
  "talk-state.bot": "With the bot", "talk-state.offered": "People offered", "talk-state.queued": "Waits for people", "talk-state.assigned": "With an agent", "talk-state.wrap-up": "Being wrapped up", "talk-state.closed": "Closed",
  "destroyed.person": "Its person wished it", "destroyed.expired": "Its time was over", "destroyed.withdrawn": "Its person took it back", "destroyed.erasure": "Erased on request",
  "destroyed.holder-lost": "The keeper's memory is gone", "destroyed.destroyed-before": "Before a backup was put back", "destroyed.": "",
  "action.allowed": "Allowed", "action.masked": "Masked", "action.placeholder": "Placeholder", "action.held": "Held", "action.removed": "Removed", "action.blocked": "Blocked",
  "level.never": "Never written", "level.E1": "E1", "level.E3": "E3", "source.default": "Default", "source.profile": "Profile", "source.file": "File", "source.command line": "Command line", "source.earlier file": "File, as it was",
  "sign-in.client_secret": "Secret", "sign-in.private_key_jwt": "Signed key", "sign-in.client-credentials": "Client credentials", "sign-in.private-key-jwt": "Signed key", "sign-in.token-exchange": "Token exchange", "sign-in.bearer": "Bearer", "sign-in.api-key": "API key", "sign-in.basic": "Basic",
  "class.any": "Any class", "class.payment-card": "Payment card", "class.card-code": "Card code", "class.iban": "IBAN", "class.bank-account": "Bank account", "class.national-id": "Identity number", "class.passport": "Passport",
  "class.driver-licence": "Driving licence", "class.phone": "Phone", "class.email": "E-mail", "class.postal-address": "Postal address", "class.person-name": "Name", "class.date-of-birth": "Date of birth",
  "class.ip-address": "IP address", "class.mac-address": "Device address", "class.crypto-wallet": "Wallet", "class.credential": "Password or key", "class.health": "Health", "class.location": "Location", "class.url": "Web address",
};

export const admin = { ...shared, ...overview, ...worth, ...acts, ...lists, ...setup, ...audit, ...words };
