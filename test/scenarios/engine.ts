import type Docker from 'dockerode'
import { LABEL } from '../../src/model/labels.ts'

/** A container as the engine itself tells of it. */
export interface Seen {
  id: string
  name: string
  service: string
  slot: number
  image: string
  state: string
  health: string
  startedAt: string
  restart: string
  /** Its address on its first network, empty when it does not run. */
  address: string
}

/** Every container that carries the stack's label, sorted by name. */
export async function seeStack(docker: Docker, stack: string): Promise<Seen[]> {
  const listed = await docker.listContainers({ all: true, filters: { label: [`${LABEL.stack}=${stack}`] } })
  const seen = await Promise.all(listed.map(({ Id }) => see(docker, Id)))
  return seen.flatMap((one) => one ?? []).sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function see(docker: Docker, id: string): Promise<Seen | null> {
  try {
    const { Name, Config, State, HostConfig, NetworkSettings } = await docker.getContainer(id).inspect()
    return {
      id,
      name: Name.slice(1),
      service: Config.Labels[LABEL.service] ?? '',
      slot: Number(Config.Labels[LABEL.slot]),
      image: await tagOf(docker, Config.Image),
      state: State.Status,
      health: State.Health?.Status ?? 'none',
      startedAt: State.StartedAt,
      restart: HostConfig.RestartPolicy?.Name ?? '',
      address: Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? '',
    }
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return null
    throw error
  }
}

/** The tag people know it by. */
async function tagOf(docker: Docker, image: string): Promise<string> {
  try {
    const { RepoTags } = await docker.getImage(image).inspect()
    return RepoTags.find((tag) => !tag.startsWith('holdfast/')) ?? image
  } catch {
    return image
  }
}

/** Which containers they are and since when they run: equal before and after when nothing touched them. */
export function identities(seen: Seen[]): string[][] {
  return seen.map(({ id, startedAt }) => [id, startedAt])
}

/** What the container answers to a request. */
export async function ask(seen: Seen | undefined, path = '/'): Promise<string> {
  const response = await fetch(`http://${seen?.address}:8080${path}`, { signal: AbortSignal.timeout(2_000) })
  return (await response.text()).trim()
}

/** As a Holdfast would have made it that hashes otherwise; or somebody else, where settings are changed too. */
export async function remake(docker: Docker, replica: Seen, change: { Env?: string[] } = {}): Promise<void> {
  const { Config, HostConfig, NetworkSettings } = await docker.getContainer(replica.id).inspect()
  const { Hostname: _own, ...settings } = Config
  await docker.getContainer(replica.id).remove({ force: true })
  const networks = Object.entries(NetworkSettings.Networks).map(([name, { Aliases: all, IPAMConfig }]) => {
    const Aliases = (all ?? []).filter((alias: string) => !replica.id.startsWith(alias))
    return [name, { Aliases, IPAMConfig }]
  })
  const made = await docker.createContainer({
    ...settings,
    ...change,
    name: replica.name,
    Labels: { ...Config.Labels, [LABEL.spec]: 'v9:0123456789abcdef' },
    HostConfig,
    NetworkingConfig: { EndpointsConfig: Object.fromEntries(networks) },
  })
  await made.start()
}

/** What a shell command in the container prints. */
export async function shell(docker: Docker, id: string | undefined, command: string): Promise<string> {
  const exec = await docker.getContainer(id ?? '').exec({ Cmd: ['sh', '-c', command], AttachStdout: true, Tty: true })
  let text = ''
  for await (const chunk of await exec.start({ Tty: true })) text += chunk
  return text.trim()
}

/** Removes everything of an instance from the engine. */
export async function wipeStack(docker: Docker, instance: string): Promise<void> {
  const filters = { label: [`${LABEL.instance}=${instance}`] }
  for (const { Id } of await docker.listContainers({ all: true, filters })) {
    await docker.getContainer(Id).remove({ force: true, v: true })
  }
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove()
  const { Volumes } = await docker.listVolumes({ filters })
  for (const { Name } of Volumes ?? []) await docker.getVolume(Name).remove()
  for (const { RepoTags } of await docker.listImages()) {
    const marks = (RepoTags ?? []).filter((tag) => tag.startsWith(`holdfast/${instance}/`))
    for (const mark of marks) await docker.getImage(mark).remove()
  }
}
