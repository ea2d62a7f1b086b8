/** Which stretch of the engine's life is watched without a break. */
export interface Continuity {
  /** The same as before only if the stream of events has been open all the time since. */
  name(): string
  opened(): void
  /** The stream ended, or could not be opened. */
  brokeOff(): void
}

export function openContinuity(): Continuity {
  let isOpen = false
  let names = 0
  return {
    name() {
      if (!isOpen) names += 1
      return `${names}`
    },
    opened() {
      isOpen = true
      names += 1
    },
    brokeOff() {
      isOpen = false
    },
  }
}
