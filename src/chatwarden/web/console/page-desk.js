// The desk of the agents.

export const title = "page.desk";
export const wide = true;

export async function show() {}
