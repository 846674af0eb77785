// English: the desk of the agents.

export const desk = {};
