import { readFileSync } from 'node:fs'

/** Commands of a page, and the lines that it shows behind them. */
export interface Block {
  commands: string
  shown: string[]
}

/** The `sh` blocks of a Markdown file in their order, each with the `text` block that comes before the next one. */
export function blocksOf(file: string): Block[] {
  const fences = [...readFileSync(file, 'utf8').matchAll(/^```(sh|text)\n([\s\S]*?)^```$/gm)]
  const blocks: Block[] = []
  for (const [, kind, content = ''] of fences) {
    if (kind === 'sh') blocks.push({ commands: content, shown: [] })
    else blocks.at(-1)?.shown.push(...content.trimEnd().split('\n'))
  }
  return blocks
}
