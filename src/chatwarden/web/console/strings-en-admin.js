// English: the pages for administrators and auditors.

export const admin = {};
