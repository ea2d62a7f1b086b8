import type { HealthStatus, StackStatus } from '../../model/status.ts'
import { plain } from '../tame.ts'
import { clock, type Span, span, type Tone } from './screen.ts'

/** What is to be seen of a wait. */
export interface View {
  elapsedMs: number
  stacks: { name: string; status: StackStatus | null }[]
  /** The newest steps, oldest first. */
  steps: { stack: string; text: string }[]
}

const TONES: Record<HealthStatus, Tone> = {
  Healthy: 'good',
  Progressing: 'warn',
  Degraded: 'bad',
  Missing: 'bad',
  Unknown: 'dim',
}
/** As long as the longest of them. */
const HEALTH_WIDTH = 11

/** How each stack stands, service by service, and what is being done. */
export function viewLines({ elapsedMs, stacks, steps }: View): Span[][] {
  const width = Math.max(0, ...stacks.map(({ name }) => name.length))
  return [
    [],
    ...stacks.flatMap(({ name, status }) => stackLines(name.padEnd(width), status)),
    [],
    ...steps.map(({ stack, text }) => [span(`  ${stack.padEnd(width)}  `, 'dim'), span(text, 'dim')]),
    [span(`  ${clock(elapsedMs)}`, 'dim')],
  ]
}

function stackLines(name: string, status: StackStatus | null): Span[][] {
  if (status === null) return [[span(`  ${name}  `, 'bold'), span('not looked at yet', 'dim')]]
  const { health, message, services } = status
  const head = [
    span(`  ${name}  `, 'bold'),
    span(health.padEnd(HEALTH_WIDTH), TONES[health]),
    span(`  ${plain(message)}`),
  ]
  const counts = Object.entries(services).flatMap(([service, { ready, wanted }]) => [
    span(`${service} `),
    span(`${ready}/${wanted}`, ready < wanted ? 'warn' : 'good'),
    span('   '),
  ])
  return counts.length === 0 ? [head] : [head, [span(' '.repeat(name.length + 4)), ...counts]]
}
