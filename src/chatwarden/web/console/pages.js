// The pages of the console and who has use for them. What each may see is the gateway's decision, asked with every request;
// this table only keeps away what would be refused anyway.

const OFFICE = ["admin", "auditor"];

export const PAGES = [
  { name: "desk", roles: ["agent"] },
  { name: "overview", roles: OFFICE },
  { name: "queue", roles: ["admin"] },
  { name: "sessions", roles: OFFICE },
  { name: "conversations", roles: OFFICE },
  { name: "bots", roles: OFFICE },
  { name: "applications", roles: OFFICE },
  { name: "people", roles: OFFICE },
  { name: "policy", roles: OFFICE },
  { name: "audit", roles: OFFICE },
  { name: "settings", roles: OFFICE },
];

/** The pages for somebody with these roles, in their order. */
export const pagesFor = (roles) => PAGES.filter((page) => page.roles.some((role) => roles.includes(role)));
