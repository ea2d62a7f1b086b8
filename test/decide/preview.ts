import { expect } from 'vitest'
import { makePlan, type Plan } from '../../src/decide/plan.ts'
import type { Release } from '../../src/model/release.ts'
import type { Step } from '../../src/model/steps.ts'
import { commit, type Lab, lines, observe, settle, wanted } from './lab.ts'

/** What `holdfast plan` would print now. Looking changes nothing. */
export function preview(lab: Lab): Plan {
  const happened = [...lab.world.happened]
  const desired = wanted(lab)
  const plan = makePlan(desired, observe(lab, desired), lab.record)
  lab.world.happened = happened
  return plan
}

/**
 * Lets an undisturbed commit go through and returns its steps as lines. The plan made before must be what was done:
 * within every slot and for every other resource the same steps, in the same order, for the same causes.
 */
export function rollOut(lab: Lab, release: Release): string[] {
  commit(lab, release)
  return settleAsPlanned(lab)
}

/** As `rollOut`, for whatever else is to be done. */
export function settleAsPlanned(lab: Lab): string[] {
  const plan = preview(lab)
  const taken = settle(lab)
  expect(byResource(plan.steps)).toEqual(byResource(taken))
  expect(lab.last?.status).toEqual(plan.status)
  return lines(taken)
}

function byResource(steps: Step[]): Record<string, string[]> {
  const groups: Record<string, string[]> = {}
  for (const step of steps) groups[step.resource] = [...(groups[step.resource] ?? []), ...lines([step])]
  return groups
}
