/** Shows one line to the person who watches. */
export type Say = (line: string) => void
