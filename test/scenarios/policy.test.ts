import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { web } from './compose.ts'
import { identities, seeStack } from './engine.ts'
import { type Host, startHost } from './host.ts'

const SEVERAL_DEPLOYS_MS = 180_000
const SOCKET = inject('engineSocket')
/** Healthy only where the engine's socket is really there. */
const WITH_SOCKET = {
  entrypoint: ['sh', '-c', 'test -S /engine.sock && exec /app.sh'],
  volumes: [`${SOCKET}:/engine.sock`],
}

let host: Host

beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

const stack = (image: string, parts: Record<string, unknown> = {}) => ({ services: { web: web(image, parts) } })
const errors = () => host.entry().latest?.problems.filter(({ severity }) => severity === 'error') ?? []
const codes = () => errors().map(({ code, line }) => `${line} ${code}`)

/** Waits until it is said that the commit is not carried out. */
async function blocked(commit: string): Promise<void> {
  const isBlocked = ({ latest, status } = host.entry()) => latest?.commit === commit && status?.sync === 'Blocked'
  await host.eventually(async () => isBlocked(), 'the commit to be blocked')
}

/** Starts Holdfast again with a settings file that says this of the policy. */
async function restart(policy: unknown): Promise<void> {
  const file = join(host.data, 'settings.yaml')
  writeFileSync(file, JSON.stringify({ policy }))
  await host.stop()
  host.setEnv({ HOLDFAST_SETTINGS: file })
  await host.start()
}

describe('the policy', () => {
  it(
    'S4 blocks a commit that asks for more, and that stack alone; what runs goes on, until it is allowed',
    async () => {
      await host.deploy(stack('app:1', { replicas: 2 }))
      const before = identities(await host.running())

      const other = `${host.stack}-other`
      const beside = { [`stacks/${other}/compose.yaml`]: JSON.stringify(stack('app:1')) }
      await blocked(await host.commit(stack('app:2', { replicas: 2, privileged: true }), beside))
      expect(host.entry().status?.message).toContain('all rights')
      expect(codes()).toEqual([expect.stringMatching(/^\d+ policy-privileged$/)])
      const [problem] = errors()
      expect(problem?.hint).toContain(`policy.stacks.${host.stack}.privileged`)
      expect(identities(await host.running())).toEqual(before)
      await host.eventually(async () => (await seeStack(host.docker, other)).length === 1, 'the other stack to run')

      const commit = await host.commit(stack('app:2', { ...WITH_SOCKET, replicas: 2 }))
      await blocked(commit)
      expect(codes()).toEqual([expect.stringMatching(/^\d+ policy-docker-socket$/)])
      expect(identities(await host.running())).toEqual(before)

      await restart({ stacks: { [`default/${host.stack}`]: { dockerSocket: true } } })
      await host.eventually(async () => host.entry().status?.sync === 'Synced', 'it to be rolled out')
      expect((await host.running()).map(({ image }) => image)).toEqual(['app:2', 'app:2'])
      expect(host.entry().latest?.commit).toBe(commit)
    },
    SEVERAL_DEPLOYS_MS,
  )

  it(
    'S4 that gets tighter stops nothing that runs, and is no obstacle to its healing',
    async () => {
      await restart({
        dockerSocket: true,
        hostNamespaces: ['pid'],
        capabilities: ['NET_ADMIN'],
        devices: ['/dev/null'],
      })
      const asking = { ...WITH_SOCKET, pid: 'host', cap_add: ['net_admin'], devices: ['/dev/null:/dev/own'] }
      const { record } = await host.deploy(stack('app:1', asking))
      const [running] = await host.running()
      const { HostConfig } = await host.docker.getContainer(running?.id ?? '').inspect()
      expect(HostConfig).toMatchObject({
        ...{ Privileged: false, PidMode: 'host', CapAdd: ['NET_ADMIN'] },
        Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/own', CgroupPermissions: 'rwm' }],
        Binds: [`${SOCKET}:/engine.sock`],
      })

      await restart({})
      await host.eventually(async () => host.entry().status?.sync === 'Blocked', 'the commit to be looked at again')
      expect(identities(await host.running())).toEqual(identities(running ? [running] : []))
      await host.docker.getContainer(running?.id ?? '').remove({ force: true })
      await host.eventually(async () => {
        const [healed] = await host.running()
        return healed !== undefined && healed.id !== running?.id && healed.health === 'healthy'
      }, 'the replica to be replaced')
      expect(host.entry().record.stable).toBe(record.stable)
      expect(host.entry().status?.sync).toBe('Blocked')
    },
    SEVERAL_DEPLOYS_MS,
  )
})
