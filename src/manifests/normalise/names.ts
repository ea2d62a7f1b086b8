import type { StackContext } from './context.ts'

/** The engine's name of a network: its own, or `<stack>_<key>` as Compose names it. */
export function networkName(key: string, context: Pick<StackContext, 'stack' | 'data'>): string {
  return engineName(key, context.data.networks?.[key] ?? null, context.stack)
}

/** The engine's name of a volume, by the same rule. */
export function volumeName(key: string, context: Pick<StackContext, 'stack' | 'data'>): string {
  return engineName(key, context.data.volumes?.[key] ?? null, context.stack)
}

function engineName(key: string, definition: { name?: string; external?: boolean } | null, stack: string): string {
  if (definition?.name !== undefined) return definition.name
  return definition?.external === true ? key : `${stack}_${key}`
}
