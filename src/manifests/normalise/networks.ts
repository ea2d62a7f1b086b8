import type { NetworkAttachment } from '../../model/stack.ts'
import type { Path } from '../path.ts'
import { nameAsWritten } from '../shape.ts'
import type { ServiceContext } from './context.ts'
import { undefinedHint } from './mounts.ts'
import { networkName } from './names.ts'

/** The networks a service joins, each under the service's name and its aliases; `default` when it names none. */
export function networksOf(context: ServiceContext): NetworkAttachment[] {
  const wanted = requested(context)
  const known = Object.keys(context.data.networks ?? {})
  return wanted.flatMap(({ key, aliases, path }) => {
    if (key !== 'default' && !known.includes(key)) {
      const shown = nameAsWritten(key, context.manifest, path)
      const message = `The network \`${shown}\` is not defined`
      const hint = undefinedHint('networks', shown, known)
      context.report.error(context.manifest.keyAt(path), 'unresolved-reference', message, hint)
      return []
    }
    context.usedNetworks.add(key)
    return [{ network: networkName(key, context), aliases: [...new Set([context.service, ...aliases])] }]
  })
}

function requested(context: ServiceContext): { key: string; aliases: string[]; path: Path }[] {
  const networks = context.file.networks ?? []
  const path = [...context.path, 'networks']
  const wanted = Array.isArray(networks)
    ? networks.map((key, at) => ({ key, aliases: [], path: [...path, at] }))
    : Object.entries(networks).map(([key, value]) => ({ key, aliases: value?.aliases ?? [], path: [...path, key] }))
  return wanted.length > 0 ? wanted : [{ key: 'default', aliases: [], path }]
}
