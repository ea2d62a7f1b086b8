import { buffer } from 'node:stream/consumers'
import type Docker from 'dockerode'
import type { Counted } from './client.ts'
import { placeOf, type Replica } from './look.ts'
import type { Measured } from './monitor.ts'
import { countedWords } from './view.ts'

/** Something the demo promises, and whether it held. */
export interface Check {
  claim: string
  holds: boolean
  /** What was found. */
  found: string
}

/** What the sample's manifests ask for, beside the shop's web service. */
const OTHERS = ['shop/db.1 sample/db:1.0', 'site/web.1 sample/site:1.0']
const WORKERS = ['worker/worker.1 sample/worker:1.0', 'worker/worker.2 sample/worker:1.0']
const SHOPS = [1, 2, 3]

/** The right image runs in every slot and in no other, and all of it is healthy. */
export function checkSlots(replicas: Replica[], shop: string): Check {
  const wanted = [...OTHERS, ...SHOPS.map((slot) => `shop/web.${slot} sample/shop:${shop}`), ...WORKERS].sort()
  const up = replicas.filter(({ health }) => health !== 'stopped')
  const found = up.map((replica) => `${placeOf(replica)} ${replica.image}`).sort()
  const healthy = up.filter(({ health }) => health === 'healthy').length
  return {
    claim: `every slot runs its image, the shop ${shop}, and is healthy`,
    holds: found.join() === wanted.join() && healthy === wanted.length,
    found: found.join() === wanted.join() ? `${healthy} of ${wanted.length} healthy` : found.join(', '),
  }
}

/** Each replica of the shop says its version itself, asked inside its container. */
export async function checkAnswers(docker: Docker, replicas: Replica[], shop: string): Promise<Check> {
  const web = replicas.filter(
    ({ stack, service, health }) => `${stack}/${service}` === 'shop/web' && health !== 'stopped',
  )
  const answers = await Promise.all(web.map(({ id }) => askVersion(docker, id)))
  const right = answers.filter((answer) => answer === `shop ${shop}, schema 1`).length
  return {
    claim: `each shop replica answers "shop ${shop}, schema 1"`,
    holds: right === SHOPS.length && answers.length === right,
    found: right === answers.length ? `${right} answers` : answers.join('; '),
  }
}

/** At no look were fewer than three replicas of the shop healthy. */
export function checkFewest(claim: string, { looks, fewestHealthy }: Measured): Check {
  return {
    claim,
    holds: looks > 0 && fewestHealthy >= SHOPS.length,
    found: `fewest ${fewestHealthy} in ${looks} looks`,
  }
}

/** Nothing of what was asked failed, and the versions that answered are these and no others. */
export function checkAnswered(claim: string, counted: Counted, versions: string[]): Check {
  const { requests, failures, answers } = counted
  return {
    claim,
    holds: requests > 0 && failures === 0 && Object.keys(answers).sort().join() === [...versions].sort().join(),
    found: countedWords(counted),
  }
}

/** The very same processes: neither replaced nor started again. `before` and `after` as `runs` gives them. */
export function checkSame(claim: string, before: string[], after: string[]): Check {
  const gone = before.filter((one) => !after.includes(one))
  const added = after.filter((one) => !before.includes(one))
  const isSame = before.length > 0 && gone.length === 0 && added.length === 0
  return {
    claim,
    holds: isSame,
    found: isSame ? `${after.length} the same` : `gone: ${gone.join()} new: ${added.join()}`,
  }
}

/** What runs, as `place id start-time`, for comparing. */
export async function runs(docker: Docker, replicas: Replica[], prefix: string): Promise<string[]> {
  const chosen = replicas.filter((replica) => replica.health !== 'stopped' && placeOf(replica).startsWith(prefix))
  return Promise.all(
    chosen.map(async (replica) => {
      const { State } = await docker.getContainer(replica.id).inspect()
      return `${placeOf(replica)} ${replica.id.slice(0, 12)} ${State.StartedAt}`
    }),
  )
}

async function askVersion(docker: Docker, id: string): Promise<string> {
  const command = ['wget', '-q', '-O', '-', 'http://127.0.0.1:8080/cgi-bin/version']
  const asking = await docker.getContainer(id).exec({ Cmd: command, AttachStdout: true, Tty: true })
  const answer = await buffer(await asking.start({ Tty: true }))
  return answer.toString().trim()
}
