// English: the shell. Each area of the console has a file of its own beside this one.

import { admin } from "./strings-en-admin.js";
import { desk } from "./strings-en-desk.js";

const shell = {
  skip: "Skip to the page",
  menu: "Menu",
  nav: "Console",
  "sign-in": "Sign in",
  "sign-in.why": "The console is for people who work here.",
  "sign-out": "Sign out",
  account: "Account",
  colours: "Colours",
  "account.of": "Account of {name}",
  close: "Close",
  "nobody.title": "You are not signed in",
  "nobody.why": "Agents, administrators and auditors work here.",
  "nobody.other.title": "This is not for your account",
  "nobody.other.why": "Agents, administrators and auditors work here. Your account is none of these.",
  "nobody.incomplete.title": "One thing is missing",
  "nobody.incomplete": "Your work here needs a second factor. Set one up on the page of your account, then come back.",
  "ended.title": "This visit has ended",
  "ended.why": "{why} Everything was cleared from this screen.",
  "no-page": "This page is not here, or it is not for your role.",
  "page.desk": "Desk",
  "page.overview": "Overview",
  "page.queue": "Queue",
  "page.sessions": "Sessions",
  "page.conversations": "Conversations",
  "page.bots": "Bots",
  "page.applications": "Applications",
  "page.people": "People",
  "page.policy": "Policy",
  "page.audit": "Audit",
  "page.settings": "Settings",
};

export const table = { ...shell, ...desk, ...admin };
