import { fileURLToPath } from 'node:url'
import { ensureProgram, run } from '../support/install.ts'
import { ensureNodeImage } from '../support/node-image.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']

/** What `docker build` needs here beside the project: a base image without a registry, and this machine's way to npm. */
export async function buildArguments(socket: string): Promise<string[]> {
  const registry = (await run('npm', ['config', 'get', 'registry'], ROOT)).match(/^https?:\S+$/m)?.[0]
  const args = {
    NODE_IMAGE: await ensureNodeImage(socket),
    ...(registry === undefined ? {} : { NPM_REGISTRY: registry }),
    ...Object.fromEntries(PROXIES.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
  }
  const given = Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`])
  // Private engines forward nothing: the registry is reached from the host's own network.
  return ['--network=host', ...given]
}

/** Builds the project's Dockerfile as it is. */
export async function buildHoldfastImage(socket: string, tag: string, args: string[]): Promise<void> {
  const docker = await ensureProgram('docker', 'docker.io')
  await run(docker, ['-H', `unix://${socket}`, 'build', '-t', tag, ...args, ROOT])
}
