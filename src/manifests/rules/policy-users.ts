import type { MadeService } from '../normalise/service.ts'
import { type Judge, refuse } from './policy-verdict.ts'

/** A number that is not zero, however written, and perhaps a group. */
const NOT_ROOT = /^0*[1-9][0-9]*(:|$)/

/** Who runs in the container, and what of it can be written. */
export function checkUser({ service, context }: MadeService, judge: Judge): void {
  const { user, readOnly } = service.container
  if (judge.rules.nonRootRequired && !NOT_ROOT.test(user ?? '')) {
    const isGiven = context.file.user !== undefined
    refuse(judge, {
      code: 'policy-root',
      place: isGiven ? context.manifest.at([...context.path, 'user']) : context.manifest.keyAt(context.path),
      message: isGiven
        ? `\`${service.name}\` may run as root: its \`user\` is not a number other than 0`
        : `\`${service.name}\` may run as root: it has no \`user\``,
      instead: 'Set `user` to a number, such as `user: "1000"`: what a name means only the image knows.',
      setting: 'nonRootRequired',
    })
  }
  if (judge.rules.readOnlyRequired && readOnly !== true) {
    refuse(judge, {
      code: 'policy-read-only',
      place: context.manifest.keyAt(readOnly === false ? [...context.path, 'read_only'] : context.path),
      message: `\`${service.name}\` can write to its root file system`,
      instead: 'Set `read_only: true`, with `tmpfs` or volumes where it must write.',
      setting: 'readOnlyRequired',
    })
  }
}
