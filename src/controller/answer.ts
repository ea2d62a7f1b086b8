/** What a person is told about a request: carried out, or refused and why. */
export interface Answer {
  ok: boolean
  text: string
}

/** The form an answer has in the store's inbox. */
export function writeAnswer(answer: Answer): string {
  return JSON.stringify(answer)
}

export function readAnswer(text: string): Answer {
  return JSON.parse(text)
}
