/** What may stand after the name of each option. Profiles of seccomp are files of the client's, and not supported. */
const VALUES: Readonly<Record<string, RegExp>> = {
  'no-new-privileges': /^(true|false)$/,
  apparmor: /^[\w.-]+$/,
  label: /^(disable|(user|role|type|level|filetype):[\w.:,-]+)$/,
  seccomp: /^unconfined$/,
}

/** The one that may stand without a value. */
const ALONE = 'no-new-privileges'

/** `name=value`, which is how the engine wants it; people also write a colon, or only a name. Null when it is none. */
export function securityOption(text: string): string | null {
  const [, name = '', value = ''] = /^([a-z-]+)[=:](.*)$/.exec(text === ALONE ? `${ALONE}=true` : text) ?? []
  const isKnown = Object.hasOwn(VALUES, name) && VALUES[name]?.test(value) === true
  return isKnown ? `${name}=${value}` : null
}
