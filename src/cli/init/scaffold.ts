import { stackSchema } from '../../manifests/schema.generated.ts'
import type { Found } from './find.ts'
import { type Files, SCHEMA_PATH } from './gather.ts'

const IGNORED = `# Keys that open encrypted files do not belong here.
*.agekey
age-key*.txt
keys.txt
`

/** What a repository has beside its stacks. `isInPlace`: the Compose files that they came from lie in it too. */
export function scaffold(found: Found[], isInPlace: boolean): Files {
  const texts: Record<string, string> = {
    '.gitignore': IGNORED,
    'README.md': readme(found),
    [SCHEMA_PATH]: `${JSON.stringify(stackSchema, null, 2)}\n`,
  }
  // A Compose file at the root would be told of as one that has no effect.
  const isAtRoot = isInPlace && found.some(({ folder }) => folder === '')
  if (isAtRoot)
    texts['holdfast.yaml'] = '# Where the stacks are: each folder with a Compose file is one.\nstacks: stacks/*\n'
  return new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)]))
}

function readme(found: Found[]): string {
  return `# What runs here

Holdfast follows this repository: a commit is rolled out, and a release that fails is rolled back.

| stack | |
|---|---|
${found.map(({ stack }) => `| [${stack}](stacks/${stack}/compose.yaml) | |`).join('\n')}

Check a change before it is committed: \`holdfast validate\`. See what it would do: \`holdfast plan\`.
`
}
