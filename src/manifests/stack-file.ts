import type { Network, Stack } from '../model/stack.ts'
import { hiddenInStack, hiddenValues } from './conceal.ts'
import type { FoundStack } from './discover.ts'
import { present, type StackContext } from './normalise/context.ts'
import { kindOf } from './normalise/dependencies.ts'
import { networkName, volumeName } from './normalise/names.ts'
import { type MadeService, makeService } from './normalise/service.ts'
import { awaitedStacks, type PlacedStack, settingsOf } from './normalise/stack-settings.ts'
import { checkSubnets, subnetOf } from './normalise/subnet.ts'
import type { LoadOptions } from './options.ts'
import { brokenServices, isFatal, removeIncomplete, removeRefused } from './refused.ts'
import { createReport, type Report, wholeFile } from './report.ts'
import { folderOf, type Repository } from './repository.ts'
import { retype } from './retype.ts'
import { checkDependencies } from './rules/dependencies.ts'
import { type NameClaim, nameClaims } from './rules/names.ts'
import { checkSharedNetworks } from './rules/network-mode.ts'
import { checkPolicy } from './rules/policy.ts'
import type { PortClaim } from './rules/ports.ts'
import { type RouteClaim, routeClaims } from './rules/routes.ts'
import { checkService } from './rules/service.ts'
import { checkStack } from './rules/stack.ts'
import { type SubnetClaim, subnetClaims } from './rules/subnets.ts'
import { type StackFile, stackSchema } from './schema.generated.ts'
import { checkShape, validateStack } from './shape.ts'
import { substitute } from './substitute.ts'
import { stackVariables, targetOf } from './variables.ts'
import { type Manifest, parseYaml } from './yaml.ts'

/** A stack as far as it could be made; `stack` counts only when the report has no error. */
export interface ReadStack {
  name: string
  folder: string
  stack: Stack | null
  report: Report
  claims: PortClaim[]
  routes: RouteClaim[]
  names: NameClaim[]
  subnets: SubnetClaim[]
  /** The stacks it waits for. */
  awaits: PlacedStack[]
  /** Values that no problem may show. */
  hidden: string[]
}

/** Text → data → variables → schema → model → rules. Everything that is wrong is reported, not only the first thing. */
export function readStack(found: FoundStack, repository: Repository, options: LoadOptions = {}): ReadStack {
  const report = createReport()
  for (const finding of found.findings)
    report[finding.severity](finding.place, finding.code, finding.message, finding.hint)
  const nothing = {
    name: found.name,
    folder: found.folder,
    stack: null,
    report,
    claims: [],
    routes: [],
    names: [],
    subnets: [],
    awaits: [],
    hidden: [] as string[],
  }
  if (found.file === null) return nothing
  const bytes = repository.content(found.file, wholeFile(found.file), report)
  const manifest = bytes === null ? null : parseYaml(found.file, bytes, report)
  if (manifest === null) return nothing
  const name = found.ownName ? nameOf(manifest, found.name) : found.name
  const folder = folderOf(found.file)
  const variables = stackVariables({ stack: name, folder, manifest, repository, report, options })
  nothing.hidden = hiddenValues(manifest, variables)
  const { data: substituted, secret } = substitute(manifest, variables, report)
  const data = retype(substituted, stackSchema)
  const bad = checkShape(data, manifest, validateStack, report)
  if (bad.some(isFatal)) return { ...nothing, name }
  removeRefused(data, bad)
  removeIncomplete(data, validateStack)
  const context: StackContext = {
    ...{ stack: name, folder, manifest, data: data as StackFile, repository, variables, report, options },
    ...{ target: targetOf(manifest.raw, variables, options), secret },
    ...{ files: new Map(), usedNetworks: new Set(), usedVolumes: new Set() },
  }
  const made = makeStack(context, brokenServices(bad))
  const hidden = [...nothing.hidden, ...(made.stack === null ? [] : hiddenInStack(made.stack))]
  return { ...nothing, name, ...made, hidden }
}

/** A lone file at the root names its stack itself; a name that cannot be one is the schema's to refuse. */
function nameOf(manifest: Manifest, otherwise: string): string {
  const name =
    manifest.raw !== null && typeof manifest.raw === 'object'
      ? Object.getOwnPropertyDescriptor(manifest.raw, 'name')?.value
      : undefined
  return typeof name === 'string' && /^[a-z0-9][a-z0-9_-]*$/.test(name) ? name : otherwise
}

type Made = Pick<ReadStack, 'stack' | 'claims' | 'routes' | 'names' | 'subnets' | 'awaits'>

function makeStack(context: StackContext, broken: ReadonlySet<string>): Made {
  const { data } = context
  const names = Object.keys(data.services).filter((name) => !broken.has(name))
  const made = names.flatMap((name) => {
    const file = data.services[name]
    if (file === undefined) return []
    return makeService(kindOf(name, data, broken), { ...context, service: name, file, path: ['services', name] })
  })
  const awaited = new Set(made.flatMap(({ service }) => Object.keys(service.dependsOn)))
  for (const one of made) checkService(one, awaited.has(one.service.name))
  checkDependencies(context, broken)
  checkSharedNetworks(made)
  checkSubnets(context)
  checkStack(context)
  checkPolicy(made, context)
  const stack = assemble(made, context)
  const claims = made.flatMap((one) => claimsOf(one, stack.target))
  const routes = made.flatMap((one) => routeClaims(one, stack.target))
  const claimed = { names: nameClaims(context, made, stack.target), subnets: subnetClaims(context, stack.target) }
  return { stack, claims, routes, ...claimed, awaits: awaitedStacks(context) }
}

function assemble(made: MadeService[], context: StackContext): Stack {
  const { data, stack } = context
  const networks = [...context.usedNetworks].map((key) => {
    const definition = data.networks?.[key]
    const { external = false, internal = false } = definition ?? {}
    return [networkName(key, context), present<Network>({ external, internal, subnet: subnetOf(definition) })]
  })
  const volumes = [...context.usedVolumes].map((key) => {
    return [volumeName(key, context), { external: data.volumes?.[key]?.external ?? false }]
  })
  return {
    name: stack,
    services: Object.fromEntries(made.map(({ service }) => [service.name, service])),
    networks: Object.fromEntries(networks),
    volumes: Object.fromEntries(volumes),
    files: Object.fromEntries(context.files),
    ...settingsOf(context),
  }
}

function claimsOf({ service, ports, context }: MadeService, host: string): PortClaim[] {
  const { stack, manifest, report } = context
  return ports.map(({ path, ...port }) => {
    return { ...port, host, stack, service: service.name, place: manifest.at(path), report }
  })
}
