import type Docker from 'dockerode'
import type { Field } from '../../model/fields.ts'
import type { Context } from './ownership.ts'

/** What the engine's host must be able to limit, by the engine's word for it. */
const NEEDED: Partial<Record<Field, string>> = {
  cpus: 'CpuCfsQuota',
  cpuShares: 'CPUShares',
  cpuset: 'CPUSet',
  memoryBytes: 'MemoryLimit',
  memorySwapBytes: 'SwapLimit',
  memoryReservationBytes: 'MemoryLimit',
  pids: 'PidsLimit',
}

/** Limits that the engine drops with a warning, because its host cannot keep them: no container ever shows them. */
export async function unlimitable(context: Context): Promise<Field[]> {
  const asked = answers.get(context.quick) ?? ask(context.quick)
  answers.set(context.quick, asked)
  try {
    return await asked
  } catch (error) {
    answers.delete(context.quick)
    throw error
  }
}

/** A host's abilities do not change while it is up. */
const answers = new WeakMap<Docker, Promise<Field[]>>()

async function ask(docker: Docker): Promise<Field[]> {
  const info: Record<string, unknown> = await docker.info()
  return Object.entries(NEEDED).flatMap(([field, ability]) => (info[ability] === false ? [field as Field] : []))
}
