import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keepPinging, type PingsPlan } from './pings.ts'
import { type Client, type IdlePlan, keepIdle, type RequestsPlan, sendRequests } from './requests.ts'
import { type Figures, openTally, type Report, type Tally } from './tally.ts'

export type ClientPlan = RequestsPlan | IdlePlan | PingsPlan
/** By name of the client. */
export type LoadPlan = Record<string, ClientPlan>

/** What `/start` and `/figures` answer, the latter at any time. */
export type LoadFigures = Record<string, Figures>
/** What `/end` answers, once everything is ended. */
export type LoadReport = Record<string, Report>

/**
 * Runs the clients of `LOAD`, a plan in JSON, in a process of its own, whose event loop nothing else delays. It listens on
 * `PORT`, any free one when absent, prints which, and begins when it is asked for `/start`.
 */
const plan = JSON.parse(process.env['LOAD'] ?? '{}') as LoadPlan
const tallies = new Map<string, Tally>(Object.keys(plan).map((name) => [name, openTally(name)]))
const clients: Client[] = []

const server = createServer(async (request, response) => {
  if (request.url === '/start') for (const [name, tally] of tallies) start(plan[name], tally)
  if (request.url !== '/end') return void response.end(JSON.stringify(figures()))
  await Promise.all(clients.map((client) => client.end()))
  response.on('close', () => process.exit(0))
  response.end(JSON.stringify(report()))
})
server.listen(Number(process.env['PORT'] ?? 0), () => console.log((server.address() as AddressInfo).port))
for (const event of ['SIGTERM', 'disconnect']) process.on(event, () => process.exit(0))

function start(one: ClientPlan | undefined, tally: Tally): void {
  if (one?.kind === 'requests') clients.push(sendRequests(one, tally))
  if (one?.kind === 'idle') clients.push(keepIdle(one, tally))
  if (one?.kind === 'pings') clients.push(keepPinging(one, tally))
}

function report(): LoadReport {
  return Object.fromEntries([...tallies].map(([name, tally]) => [name, tally.report]))
}

function figures(): LoadFigures {
  return Object.fromEntries(
    Object.entries(report()).map(([name, { sent, answered, failures, farewells }]) => [
      name,
      { sent, answered, failures, farewells },
    ]),
  )
}
