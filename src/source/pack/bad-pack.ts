/** A pack, or an index of one, that git would not have made: it arrived incomplete, or was damaged since. */
export class BadPack extends Error {}
