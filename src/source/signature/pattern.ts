/**
 * Does a text match a list of patterns, as OpenSSH has them (ssh_config(5), PATTERNS)? `*` stands for anything and `?`
 * for one character; a pattern behind `!` that matches excludes, whatever else matches.
 */
export function matchesList(text: string, list: string): boolean {
  const patterns = list.split(',')
  const isExcluded = patterns.some((pattern) => pattern.startsWith('!') && matches(text, pattern.slice(1)))
  return !isExcluded && patterns.some((pattern) => !pattern.startsWith('!') && matches(text, pattern))
}

/** One star after the other, each as short as can be: no pattern makes it slow. */
function matches(text: string, pattern: string): boolean {
  let [at, from] = [0, 0]
  let star: { at: number; from: number } | null = null
  while (at < text.length) {
    if (pattern[from] === '*') {
      star = { at, from }
      from += 1
    } else if (pattern[from] === '?' || pattern[from] === text[at]) {
      at += 1
      from += 1
    } else if (star !== null) {
      star = { at: star.at + 1, from: star.from }
      at = star.at
      from = star.from + 1
    } else return false
  }
  return /^\**$/.test(pattern.slice(from))
}
