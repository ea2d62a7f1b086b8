import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import Docker from 'dockerode'
import { pack } from 'tar-stream'
import { debianFile, isDebian } from './debian.ts'
import { run } from './install.ts'

/** The smallest image that can serve, check and be looked into: a static busybox. */
export const BASE_IMAGE = 'sample/base'

export interface ImageSource {
  /** By path in the build context; a buffer may be a tar archive for the Dockerfile's ADD. */
  files: Record<string, string | Uint8Array>
  dockerfile: string
  /** Values of the Dockerfile's ARGs. */
  args?: Record<string, string>
}

/** Builds `tag` through the engine's build API, without a registry; resolves to the image's id. */
export async function buildImage(socketPath: string, tag: string, source: ImageSource): Promise<string> {
  const docker = new Docker({ socketPath })
  const context = pack()
  context.entry({ name: 'Dockerfile' }, source.dockerfile)
  for (const [name, content] of Object.entries(source.files)) {
    context.entry({ name, mode: 0o755 }, typeof content === 'string' ? content : Buffer.from(content))
  }
  context.finalize()
  const output = await docker.buildImage(Readable.from([await buffer(context)]), {
    t: tag,
    networkmode: 'none',
    forcerm: true,
    ...(source.args === undefined ? {} : { buildargs: source.args }),
  })
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(output, (error) => (error === null ? resolve() : reject(error))),
  )
  return (await docker.getImage(tag).inspect()).Id
}

/** Makes the base image on the engine, from Debian's busybox-static or else from a registry's busybox. */
export async function ensureBaseImage(socketPath: string, tag = BASE_IMAGE): Promise<void> {
  const docker = new Docker({ socketPath })
  const known = await docker
    .getImage(tag)
    .inspect()
    .then(Boolean, () => false)
  if (known) return
  if (isDebian()) {
    const rootfs = await busyboxRootfs(await debianFile('busybox-static', 'bin/busybox'))
    const dockerfile = 'FROM scratch\nADD rootfs.tar /\nENV PATH=/bin\nCMD ["sh"]\n'
    await buildImage(socketPath, tag, { files: { 'rootfs.tar': rootfs }, dockerfile })
  } else await buildImage(socketPath, tag, { files: {}, dockerfile: 'FROM busybox:stable-musl\n' })
}

/** A root file system as a tar archive: the binary, and every applet as a link to it. */
async function busyboxRootfs(binary: string): Promise<Uint8Array> {
  const applets = (await run(binary, ['--list'])).trim().split('\n')
  const tar = pack()
  for (const name of ['bin/', 'etc/', 'tmp/', 'run/']) tar.entry({ name, type: 'directory', mode: 0o1777 })
  tar.entry({ name: 'bin/busybox', mode: 0o755 }, await readFile(binary))
  for (const applet of applets.filter((name) => name !== 'busybox')) {
    tar.entry({ name: `bin/${applet}`, type: 'symlink', linkname: 'busybox' })
  }
  tar.entry({ name: 'etc/passwd' }, 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n')
  tar.entry({ name: 'etc/group' }, 'root:x:0:\nnogroup:x:65534:\n')
  tar.finalize()
  return await buffer(tar)
}
