import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { firstCommit } from '../../src/source/first-commit.ts'
import { run } from '../support/install.ts'
import { temporaryFolder } from '../support/temporary.ts'

const author = { name: 'Ann', email: 'ann@example.org' }

function files(): string {
  const made = temporaryFolder()
  onTestFinished(made.remove)
  mkdirSync(join(made.path, 'stacks/a'), { recursive: true })
  for (const path of ['stacks/a/compose.yaml', '.gitignore', 'data']) writeFileSync(join(made.path, path), '# a file\n')
  return made.path
}

test('a folder becomes a repository with one commit of what is named, and of nothing else', async () => {
  const dir = files()
  const paths = ['stacks/a/compose.yaml', '.gitignore']
  const commit = await firstCommit(dir, { paths, message: 'one', author })
  const git = async (...args: string[]) => (await run('git', ['-C', dir, ...args])).trim()
  expect(await git('rev-parse', 'refs/heads/main')).toBe(commit)
  expect(await git('log', '--format=%an <%ae> %s')).toBe('Ann <ann@example.org> one')
  expect((await git('ls-files')).split('\n')).toEqual(['.gitignore', 'stacks/a/compose.yaml'])
  expect(await git('status', '--porcelain')).toBe('?? data')
})

test('a repository that is there, the own one or one around it, is left as it is', async () => {
  const dir = files()
  await firstCommit(dir, { paths: ['.gitignore'], message: 'one', author })
  for (const folder of [dir, join(dir, 'stacks')]) {
    await expect(firstCommit(folder, { paths: [], message: 'two', author })).rejects.toMatchObject({
      handling: 'terminal',
      message: expect.stringContaining('belongs to the git repository'),
    })
  }
})

test('what git ignores is not left out in silence', async () => {
  const dir = files()
  writeFileSync(join(dir, '.gitignore'), '.env\n')
  const message = expect.stringMatching(/^stacks\/a\/\.env would not be in the repository: \.gitignore says so/)
  const commit = firstCommit(dir, { paths: ['stacks/a/compose.yaml', 'stacks/a/.env'], message: 'one', author })
  await expect(commit).rejects.toMatchObject({ handling: 'terminal', message })
  await expect(run('git', ['-C', dir, 'log'])).rejects.toThrow()
})
