import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createRepo, type Repo } from '../test/support/git-repo.ts'
import { startGitServer } from '../test/support/git-server.ts'
import type { Cleanup } from './cleanup.ts'
import type { Say } from './say.ts'

/** The manifests that the demo edits, and the ports that they publish. */
const SITE = 'stacks/site/compose.yaml'
const SHOP = 'stacks/shop/compose.yaml'
const PORTS = { [SITE]: 8088, [SHOP]: 8087 } as const

export interface DemoRepository {
  url: string
  siteUrl: string
  /** Where the shop says its version. */
  shopUrl: string
  stacks: string[]
  /** Commits the first state, with the shop at 1.0. Gives the commit's 40 digits. */
  first(message: string): Promise<string>
  /** Commits another tag for the shop's web service. */
  shop(tag: string, message: string): Promise<string>
  /** How many HTTP requests the repository has answered. */
  requests(): number
}

export interface RepositoryOptions {
  /** Path of sample-repo; it is only read. */
  sample: string
  /** Where the bare repository is made. */
  home: string
  cleanup: Cleanup
  say: Say
}

/** A real bare repository with the sample's stacks, served by git itself over HTTP on 127.0.0.1. */
export async function openRepository({ sample, home, cleanup, say }: RepositoryOptions): Promise<DemoRepository> {
  const files = await readFiles(join(sample, 'stacks'), 'stacks')
  const site = await publish(files, SITE, say)
  const shop = await publish(files, SHOP, say)
  const repo = await createRepo(join(home, 'config.git'))
  const server = await startGitServer(home)
  cleanup.add('the git server', server.close)
  const url = server.url('config.git')
  say(`git: a repository of the sample stacks at ${url}`)
  return {
    url,
    siteUrl: `http://127.0.0.1:${site}/`,
    shopUrl: `http://127.0.0.1:${shop}/cgi-bin/version`,
    stacks: stacksOf(files),
    first: (message) => repo.commit(files, message),
    shop: (tag, message) => commitShop(repo, files, tag, message),
    requests: server.requests,
  }
}

function commitShop(repo: Repo, files: Record<string, string>, tag: string, message: string): Promise<string> {
  return repo.commit({ [SHOP]: edit(files, SHOP, 'image: sample/shop:1.0', `image: sample/shop:${tag}`) }, message)
}

/** The same edit a person would make; an edit that changes nothing would be a demo of nothing. */
function edit(files: Record<string, string>, path: string, from: string, to: string): string {
  const text = files[path] ?? ''
  if (!text.includes(from)) throw new Error(`${path} of the sample repository does not say "${from}" any more.`)
  return text.replace(from, to)
}

function stacksOf(files: Record<string, string>): string[] {
  return [...new Set(Object.keys(files).map((path) => path.split('/')[1] ?? ''))].sort()
}

async function readFiles(folder: string, prefix: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const texts = paths.map(async (path) => [prefix + path.slice(folder.length), await readFile(path, 'utf8')] as const)
  return Object.fromEntries(await Promise.all(texts))
}

/** Has the manifest publish a port that is free: the one it names, if that is. */
async function publish(files: Record<string, string>, path: keyof typeof PORTS, say: Say): Promise<number> {
  const wanted = PORTS[path]
  const port = (await tryPort(wanted)) ?? (await tryPort(0)) ?? wanted
  if (port !== wanted) say(`git: port ${wanted} is in use on this machine; the committed manifest publishes ${port}`)
  files[path] = edit(files, path, `:${wanted}:`, `:${port}:`)
  return port
}

/** The port when it is free, any free one for 0; null when it is taken. */
function tryPort(port: number): Promise<number | null> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(null))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(address !== null && typeof address !== 'string' ? address.port : null))
    })
  })
}
