/** One line of what the engine tells during a pull. */
export interface PullEvent {
  /** The layer. */
  id?: string
  status?: string
  progressDetail?: { current?: number; total?: number }
  error?: string
}

/** How far a pull has come. */
export interface PullProgress {
  /** Takes an event in, and says whether the pull came further by it: a repeated try or a countdown is none. */
  take(event: PullEvent): boolean
  /** For a person, e.g. `43 % of 120 MB`; empty while nothing is known. */
  text(): string
}

interface Layer {
  current: number
  total: number
}

export function openProgress(): PullProgress {
  const layers = new Map<string, Layer>()
  /** By layer and status: the furthest it was. */
  const furthest = new Map<string, number>()
  return {
    take(event) {
      note(event, layers)
      return isFurther(event, furthest)
    },
    text: () => textOf([...layers.values()]),
  }
}

function note({ id, status, progressDetail }: PullEvent, layers: Map<string, Layer>): void {
  if (id === undefined) return
  const layer = layers.get(id)
  const { current = 0, total = 0 } = progressDetail ?? {}
  if (status === 'Downloading' && total > 0) layers.set(id, { current, total })
  if (layer && isDownloaded(status)) layers.set(id, { ...layer, current: layer.total })
}

function isDownloaded(status = ''): boolean {
  return ['Verifying Checksum', 'Download complete', 'Extracting', 'Pull complete'].includes(status)
}

function isFurther({ id = '', status = '', progressDetail }: PullEvent, furthest: Map<string, number>): boolean {
  if (/^(Retrying|Waiting)/.test(status)) return false
  const key = `${id} ${status}`
  const now = progressDetail?.current ?? 0
  const before = furthest.get(key)
  if (before !== undefined && now <= before) return false
  furthest.set(key, now)
  return true
}

function textOf(layers: Layer[]): string {
  const total = layers.reduce((sum, layer) => sum + layer.total, 0)
  const current = layers.reduce((sum, layer) => sum + layer.current, 0)
  if (total === 0) return ''
  return current >= total
    ? `${sizeText(total)} downloaded`
    : `${Math.floor((100 * current) / total)} % of ${sizeText(total)}`
}

function sizeText(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1000)} kB`
  return bytes < 1_000_000_000 ? `${Math.round(bytes / 1_000_000)} MB` : `${(bytes / 1_000_000_000).toFixed(1)} GB`
}
