const ESC = '\u001b'

/** Strings for the terminal itself (titles, clipboard, links), up to their end, or that of the line. */
const COMMAND = new RegExp(`${ESC}[\\]PX^_].*?(?:\u0007|${ESC}\\\\|$)`, 'gs')
/** Everything else that begins with an escape, but for colours. */
const MOVEMENT = new RegExp(`${ESC}(?!\\[[0-9;:]*m)(?:\\[[0-?]*[ -/]*[@-~]?|[ -/]*[0-~]?)`, 'g')
const COLOR = new RegExp(`${ESC}\\[[0-9;:]*m`, 'g')
/** A tab may stay, and the escape of a colour. */
const CONTROL = /(?!\t)[\p{Cc}]/gu

/**
 * What a container wrote, for a terminal: its colours stay, which end with the line; whatever else would steer the
 * terminal does not reach it. Containers are not trusted.
 */
export function tame(text: string): string {
  const calm = text.replace(COMMAND, '').replace(MOVEMENT, '')
  const left = calm.replace(CONTROL, (control, at) => (control === ESC && isColor(calm, at) ? control : ''))
  return left.includes(ESC) ? `${left}${ESC}[0m` : left
}

/** The same without colours: one line, as long as it looks. */
export function plain(text: string): string {
  return tame(text).replace(COLOR, '')
}

function isColor(text: string, at: number): boolean {
  return /^\[[0-9;:]*m/.test(text.slice(at + 1, at + 40))
}
