import type { Service, Stack } from './stack.ts'

/** Everything secret that a stack holds, as texts: values of variables, contents of files. */
export function secretTexts({ services, files }: Stack): { values: string[]; files: string[] } {
  const sets = Object.values(files).filter(({ secret }) => secret !== undefined)
  return {
    values: Object.values(services).flatMap(secretValues),
    files: sets.flatMap(({ contents }) => Object.values(contents).map(decoded)),
  }
}

function secretValues({ container }: Service): string[] {
  const names = Object.keys(container.secretEnvironment?.names ?? {})
  return names.flatMap((name) => container.environment[name] ?? [])
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}
