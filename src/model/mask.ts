/** What stands in the place of a secret. */
export const MASK = '********'

/** Shorter ones would be found everywhere. */
const SHORTEST = 4
/** Of what only looks like a value in a file of many. */
const SHORTEST_IN_FILE = 6
/** In other clothes they are looked for when they are long enough to be told from chance, and short enough to be printed so. */
const ENCODED = { shortest: 6, longest: 4_096 }
/** Of a secret that a text begins or ends in the middle of. */
const SHORTEST_CUT = 6
/** So many lines of a file are looked for one by one. */
const MOST_LINES = 1_000

/** What nobody keeps secret, and what everything is full of. */
const COMMON = /^(true|false|yes|no|on|off|null|none|debug|info|warn|warning|error|\d{1,5})$/i

/** What may be base64, in both of its alphabets. */
const BASE64 = /[\w+/-]{6,}={0,2}/g

/** Frees a text of secrets. */
export type Mask = (text: string) => string

/** Whether a text can be told from all others, so that it makes sense to look for it. */
export function isMaskable(text: string): boolean {
  return text.length >= SHORTEST && !COMMON.test(text)
}

/**
 * A mask for what programs and engines say, who may print what they were given: as it is, line by line, and in base64,
 * in a URL and in JSON. `files` are contents of files, in which values are looked for as well.
 */
export function maskOf({ values, files }: { values: readonly string[]; files: readonly string[] }): Mask {
  const plain = new Set([...values.flatMap(linesOf), ...files.flatMap(inFile)].filter(isMaskable))
  const encoded = [...plain, ...values, ...files].flatMap(encodedForms)
  const secrets = [...new Set([...plain, ...encoded])].sort((a, b) => b.length - a.length)
  if (secrets.length === 0) return (text) => text
  const bytes = [...plain].map((secret) => Buffer.from(secret).toString('latin1'))
  return (text) => {
    const decoded = text.replace(BASE64, (run) => (holdsEncoded(run, bytes) ? MASK : run))
    const whole = secrets.reduce(
      (shown, secret) => (shown.includes(secret) ? shown.replaceAll(secret, MASK) : shown),
      decoded,
    )
    return withoutCut(whole, secrets)
  }
}

/** Whether it is the base64 of something with a secret in it, wherever in the run that begins. */
function holdsEncoded(run: string, secrets: readonly string[]): boolean {
  const readings = [0, 1, 2, 3].map((start) => Buffer.from(run.slice(start), 'base64').toString('latin1'))
  return readings.some((reading) => secrets.some((secret) => reading.includes(secret)))
}

/** Whole, and each of its lines. Blanks in a row may have become one on the way. */
function linesOf(value: string): string[] {
  const lines = value.split(/\r?\n/).slice(0, MOST_LINES)
  return [value, ...lines, value.trim(), ...lines.map((line) => line.trim()), value.replace(/\s+/g, ' ').trim()]
}

/** Also what stands behind `key:` and `key=`. */
function inFile(content: string): string[] {
  const lines = linesOf(content)
  const values = lines.flatMap((line) => /^[\s"'-]*[\w.-]+["']?\s*[:=]\s*["']?(.*?)["']?,?\s*$/.exec(line)?.[1] ?? [])
  return [...lines, ...values.filter((value) => value.length >= SHORTEST_IN_FILE)]
}

function encodedForms(secret: string): string[] {
  // Half a pair of surrogates could not be encoded.
  const text = Buffer.from(secret).toString()
  if (text.length < ENCODED.shortest || text.length > ENCODED.longest) return []
  const base64 = [0, 1, 2].flatMap((shift) => inBase64(text, shift))
  const urls = [encodeURIComponent(text), encodeURIComponent(text).replaceAll('%20', '+'), encodeURI(text)]
  const forms = [...base64, ...urls, ...urls.map(lowerEscapes), JSON.stringify(text).slice(1, -1)]
  return forms.filter((form) => form !== text)
}

/**
 * Of base64 that is broken into lines or cut off: what is the same whatever stands around it, when that many bytes
 * before it fall into its first group.
 */
function inBase64(text: string, shift: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)])
  const form = bytes.toString('base64').slice(shift === 0 ? 0 : 4, bytes.length % 3 === 0 ? undefined : -4)
  if (form.length < ENCODED.shortest) return []
  return [form, form.replaceAll('+', '-').replaceAll('/', '_')]
}

function lowerEscapes(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (escaped) => escaped.toLowerCase())
}

/** Texts are cut at a length by whoever passes them on: one may end, or begin after an ellipsis, in the middle of a secret. */
function withoutCut(text: string, secrets: readonly string[]): string {
  const start = text.startsWith('…') ? 1 : 0
  const head = Math.max(...secrets.map((secret) => overlap(secret, text.slice(start))))
  const shown = head === 0 ? text : `${text.slice(0, start)}${MASK}${text.slice(start + head)}`
  const tail = Math.max(...secrets.map((secret) => overlap(shown, secret)))
  return tail === 0 ? shown : `${shown.slice(0, -tail)}${MASK}`
}

/** How much of the end of `before` is the beginning of `after`; 0 when that is too little to be told from chance. */
function overlap(before: string, after: string): number {
  const beginning = after.slice(0, SHORTEST_CUT)
  if (beginning.length < SHORTEST_CUT) return 0
  for (let at = before.indexOf(beginning); at >= 0; at = before.indexOf(beginning, at + 1)) {
    if (after.startsWith(before.slice(at))) return before.length - at
  }
  return 0
}
