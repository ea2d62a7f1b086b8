/**
 * Splits a command into words as Compose does: blanks separate, quotes and backslashes keep together.
 * There are no variables, pipes or globs. Null when a quote is not closed.
 */
export function splitWords(text: string): string[] | null {
  const words: string[] = []
  let word: string | null = null
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (quote !== '' && char === quote) quote = ''
    else if (quote === '' && (char === '"' || char === "'")) {
      quote = char
      word ??= ''
    } else if (char === '\\' && quote !== "'" && escapes(quote, text[at + 1])) word = (word ?? '') + (text[++at] ?? '')
    else if (quote === '' && /\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else word = (word ?? '') + char
  }
  if (word !== null) words.push(word)
  return quote === '' ? words : null
}

/** Inside double quotes a backslash is special only before some characters. */
function escapes(quote: string, next: string | undefined): boolean {
  return next !== undefined && (quote === '' || ['"', '\\', '$', '`'].includes(next))
}
