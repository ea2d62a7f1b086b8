import { keyedHash } from '../../model/keys.ts'
import type { Certificate, FileSet } from '../../model/stack.ts'
import type { Path } from '../path.ts'
import { isFor, type Pem, pemOf } from '../pem.ts'
import type { Content } from '../repository.ts'
import type { RouteTls } from '../schema.generated.ts'
import { display, nameAsWritten } from '../shape.ts'
import { namingKey, type ServiceContext } from './context.ts'
import { base64, pathOfFile } from './file-sets.ts'
import { undefinedHint } from './mounts.ts'
import { configContent, secretContent } from './secrets.ts'

/** A certificate of a route. */
interface MadeCertificate {
  certificate: Certificate
  /** Where the file names the key, when that lies readable in the repository and is not declared as a secret. */
  exposed?: Path
}

const FILE = 'certificate.pem'
/** No container mounts it. */
const NOBODY = { user: '0:0', mode: 0o400 }

/** What a host proves itself with; null when it cannot (reported), or a file is not read yet. */
export function certificateOf(
  tls: RouteTls,
  host: string,
  path: Path,
  context: ServiceContext,
): MadeCertificate | null {
  const { certificate, key } = typeof tls === 'string' ? { certificate: tls, key: undefined } : tls
  const certificatePath = typeof tls === 'string' ? path : [...path, 'certificate']
  const keyPath = key === undefined ? certificatePath : [...path, 'key']
  const chain = contentOf(certificate, certificatePath, context)
  const keyContent = key === undefined ? chain : contentOf(key, keyPath, context)
  if (chain === null || keyContent === null) return null
  const text = checked(chain, keyContent, { host, certificatePath, keyPath }, context)
  if (text === null) return null
  const isDeclared = Object.hasOwn(context.data.secrets ?? {}, key ?? certificate)
  const exposed = keyContent.state === 'plain' && !isDeclared ? { exposed: keyPath } : {}
  return { certificate: keep(text, context), ...exposed }
}

/** Named by its content, by the key: neither the name nor a label may let anybody test guesses of what is in it. */
function keep(text: string, context: ServiceContext): Certificate {
  const set: FileSet = { contents: { [FILE]: base64(new TextEncoder().encode(text)) }, secret: NOBODY }
  const name = keyedHash(namingKey(context).key, set)
  const volume = `${context.stack}_secret-${name}`
  context.files.set(volume, set)
  return { name, volume, certificate: FILE }
}

interface Places {
  host: string
  certificatePath: Path
  keyPath: Path
}

/** The PEM text of both; what is encrypted and was not opened cannot be looked into. */
function checked(
  certificate: Content,
  key: Content,
  places: Places,
  { manifest, report }: ServiceContext,
): string | null {
  const texts = [certificate, key].map(({ bytes }) => new TextDecoder().decode(bytes))
  if (certificate.state === 'unopened' || key.state === 'unopened') return texts.join('\n')
  const pem = pemOf(texts[0] ?? '', texts[1] ?? '')
  const { host, certificatePath, keyPath } = places
  if ('of' in pem) {
    const path = pem.of === 'key' ? keyPath : certificatePath
    const message = `${display(manifest, path)} cannot be used for a route. ${pem.message}`
    report.error(manifest.at(path), 'route-certificate', message, pem.hint)
    return null
  }
  warnOfOther(pem, host, certificatePath, { manifest, report })
  return pem.text
}

function warnOfOther(
  pem: Pem,
  host: string,
  path: Path,
  { manifest, report }: Pick<ServiceContext, 'manifest' | 'report'>,
) {
  if (isFor(pem, host)) return
  const hostPath = [...path.slice(0, path.lastIndexOf('tls')), 'host']
  const message = `The certificate ${display(manifest, path)} is not for ${display(manifest, hostPath)}`
  const hint = 'Browsers will refuse it. Take one that has the host among its names.'
  report.warning(manifest.at(path), 'route-certificate', message, hint)
}

/** Of a secret or a config by its name, or of a file of the repository by its path. */
function contentOf(name: string, path: Path, context: ServiceContext): Content | null {
  const { data, manifest, report, repository } = context
  if (/^\.{1,2}\//.test(name)) {
    const found = pathOfFile(name, path, context)
    return found === null ? null : repository.secretContent(found, manifest.at(path), report)
  }
  const [secrets, configs] = [Object.keys(data.secrets ?? {}), Object.keys(data.configs ?? {})]
  if (secrets.includes(name)) return secretContent(name, context)
  if (configs.includes(name)) return configContent(name, context)
  const shown = nameAsWritten(name, manifest, path)
  const hint = name.includes('/')
    ? `A path in the repository starts with \`./\`: \`./${shown}\`.`
    : undefinedHint('secrets', shown, [...secrets, ...configs])
  report.error(manifest.at(path), 'unresolved-reference', `There is no secret and no config \`${shown}\``, hint)
  return null
}
