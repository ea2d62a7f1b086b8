/** In which forms the secrets are found in a text, if in any: as they are, line by line, in base64 and in a URL. */
export function spotted(text: string, secrets: readonly string[]): string[] {
  const lines = secrets.flatMap((secret) => [secret, ...secret.split('\n')]).filter((line) => line !== '')
  return [...new Set(lines.flatMap(formsOf))].filter((form) => text.includes(form))
}

/** How base64 looks depends on where in the text it begins. */
function formsOf(secret: string): string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const form = Buffer.from(`${'x'.repeat(shift)}${secret}`).toString('base64')
    return form.slice(shift === 0 ? 0 : 4, -4)
  })
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...base64]
}
