/** What was read is not what it should be. The text says why, as the end of a sentence. */
export class Malformed extends Error {}
