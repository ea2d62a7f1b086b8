import type { Latency, Result } from './figures.ts'

const ROWS: [string, (result: Result) => string][] = [
  ['requests', ({ requests }) => requests.toLocaleString('en')],
  ['failures', ({ failures }) => String(failures)],
  ['by kind', ({ failuresByKind }) => kinds(failuresByKind)],
  ['executed twice', ({ twice }) => String(twice)],
  ['acknowledged, never executed', ({ lost }) => String(lost)],
  ['disturbed bystanders', ({ disturbed }) => String(disturbed)],
  ['websockets ended: with a farewell / cut', ({ websockets }) => `${websockets.farewells} / ${websockets.cut}`],
  ['p50 / p99 between updates', ({ outside }) => spread(outside)],
  ['p50 / p99 during updates', ({ during }) => spread(during)],
]

/** A table in Markdown, the ways side by side. */
export function tableOf(results: [string, Result][]): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [
    row(['', ...results.map(([title]) => title)]),
    `|${'---|'.repeat(results.length + 1)}`,
    ...ROWS.map(([title, tell]) => row([title, ...results.map(([, result]) => tell(result))])),
  ].join('\n')
}

/** In what the target is missed; empty when it is met. */
export function missed({ stopped, failures, twice, lost, disturbed, outside, during }: Result): string[] {
  return [
    ...(stopped === null ? [] : [stopped]),
    ...(failures > 0 ? [`${failures} failed`] : []),
    ...(twice > 0 ? [`${twice} were executed twice`] : []),
    ...(lost > 0 ? [`${lost} were acknowledged and never executed`] : []),
    ...(disturbed > 0 ? [`${disturbed} disturbances of another service`] : []),
    ...(during.p99 > 2 * outside.p99 ? [`p99 during updates is more than twice the one between them`] : []),
  ]
}

function kinds(failuresByKind: Record<string, number>): string {
  const sorted = Object.entries(failuresByKind).sort(([, one], [, other]) => other - one)
  return sorted.map(([kind, count]) => `${count} ${kind}`).join(', ') || '-'
}

function spread({ p50, p99 }: Latency): string {
  return `${p50.toFixed(1)} / ${p99.toFixed(1)} ms`
}
