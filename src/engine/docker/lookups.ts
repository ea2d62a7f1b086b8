import { LABEL } from '../../model/labels.ts'
import type { Lookups } from '../../model/traffic.ts'

/** How a container of ours asks for names, as it was created; absent where it asks the engine alone. */
export function lookupsIn(labels: Record<string, string>): Lookups | undefined {
  const label = labels[LABEL.lookups]
  return label === undefined ? undefined : JSON.parse(label)
}
