/** Who asked and why, to be added to what the history tells. */
export function askedBy({ by, reason }: { by?: string; reason?: string }): string {
  return `${by ? ` by ${by}` : ''}${reason ? `: ${reason}` : ''}`
}
