import { begin } from '../../src/decide/simulation/advance.ts'
import { emptyTraffic, emptyWorld, type World } from '../../src/decide/simulation/world.ts'
import { modelEngine } from '../../src/engine/model/engine.ts'
import { composeContainer } from '../support/compose-container.ts'
import { engineContract } from './engine.contract.ts'

/** The model knows images by what they resolve to. */
const IMAGES = {
  good: 'good@sha256:1',
  bare: 'bare@sha256:2',
  turnsUnhealthy: 'turns-unhealthy@sha256:3',
  exits7: 'exits7@sha256:4',
  cannotStart: 'cannot-start@sha256:5',
  missing: 'missing@sha256:6',
}

engineContract('the model of an engine', async () => {
  const engine = modelEngine(behave({ ...emptyWorld(), traffic: emptyTraffic() }))
  return {
    engine,
    images: IMAGES,
    compose: async (project, image) => compose(engine.world, project, image),
    until: async (condition, what) => {
      for (let waitedMs = 0; !(await condition()); waitedMs += 100) {
        if (waitedMs >= 60_000) throw new Error(`the model passed a minute in vain for ${what}`)
        engine.advance(100)
      }
    },
    cleanup: async () => {},
  }
})

/** As `docker compose up` leaves it. */
function compose(world: World, project: string, image: string): string {
  const container = composeContainer({ id: `compose-${project}`, stack: project, image, restart: 'always' })
  world.containers.push(container)
  begin(world, container, world.nowMs)
  return container.id
}

function behave(world: World): World {
  const check = { test: ['CMD', 'true'], intervalMs: 1_000, timeoutMs: 1_000, retries: 1, startPeriodMs: 0 }
  const { missing, ...present } = IMAGES
  for (const image of Object.values(present)) world.images.add(image)
  world.behaviours.set(missing, { pull: 'missing' })
  world.behaviours.set(IMAGES.good, { check })
  world.behaviours.set(IMAGES.turnsUnhealthy, { check, unhealthyAfterMs: 2_000 })
  world.behaviours.set(IMAGES.exits7, { exit: { afterMs: 200, code: 7 }, log: ['hello', 'about to end'] })
  world.behaviours.set(IMAGES.cannotStart, { refuses: 'the executable "/no/such/program" is not in the image' })
  return world
}
