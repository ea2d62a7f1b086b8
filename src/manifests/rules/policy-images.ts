import { isWithin } from '../host-path.ts'
import type { MadeService } from '../normalise/service.ts'
import { hasDigest, imageSource } from '../policy/image-source.ts'
import { type Judge, refuse } from './policy-verdict.ts'

/** Where the image comes from, and whether it can change unseen. */
export function checkImage({ service, context }: MadeService, judge: Judge): void {
  const place = context.manifest.at([...context.path, 'image'])
  const { registries, digestsRequired } = judge.rules
  const source = imageSource(service.image)
  if (registries !== null && !registries.some((registry) => source !== null && isWithin(source, registry))) {
    const allowed = registries.length === 0 ? 'none is' : `${registries.map((name) => `\`${name}\``).join(', ')}`
    refuse(judge, {
      code: 'policy-registry',
      place,
      message: `The image of \`${service.name}\` comes from a place that is not allowed`,
      instead: `Allowed: ${allowed}. An image without a host is Docker's: \`docker.io\`.`,
      setting: 'registries',
    })
  }
  if (digestsRequired && !hasDigest(service.image)) {
    refuse(judge, {
      code: 'policy-digest',
      place,
      message: `The image of \`${service.name}\` has no digest`,
      instead: 'Write `name:tag@sha256:<digest>`; `docker buildx imagetools inspect` shows it.',
      setting: 'digestsRequired',
    })
  }
}
