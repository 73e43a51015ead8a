/** A language of fewer documents than one in this many says nothing about a question. */
export const LEAST_SHARE = 20;
