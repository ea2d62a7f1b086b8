import type Docker from 'dockerode'
import { expect, test } from 'vitest'
import { fromInspect } from '../../../src/engine/docker/inspect.ts'
import { EMPTY_IMAGE } from '../../../src/model/fields.ts'
import { LABEL } from '../../../src/model/labels.ts'

const ID = 'f00dfeedf00d1234'
const THERE: ReadonlySet<string> = new Set()
const UNCOMPARED = { fields: {}, imageConfig: EMPTY_IMAGE }

/**
 * What API 1.52 (Engine 29) answers, by its published description: no addresses at the top of NetworkSettings, aliases
 * only where they were asked for, and nothing that is not set.
 */
const NEWEST = {
  Id: ID,
  Name: '/shop-web-1-0a1b2c3d-1',
  RestartCount: 0,
  State: {
    Status: 'running',
    Running: true,
    StartedAt: '2026-01-01T00:00:00Z',
    ExitCode: 0,
    Error: '',
    OOMKilled: false,
  },
  Config: { Image: 'sha256:1', Labels: { [LABEL.name]: 'shop-web-1-0a1b2c3d-1', [LABEL.slot]: '1' } },
  HostConfig: { NetworkMode: 'shop_default', RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } },
  NetworkSettings: {
    SandboxID: '1',
    Ports: {},
    Networks: {
      shop_default: {
        IPAMConfig: null,
        Aliases: null,
        DNSNames: ['shop-web-1-0a1b2c3d-1', 'f00dfeedf00d'],
        IPAddress: '',
      },
    },
  },
}

function inspected(answer: object): Docker.ContainerInspectInfo {
  return answer as Docker.ContainerInspectInfo
}

test('an answer that leaves out all it may is understood', () => {
  expect(fromInspect(inspected(NEWEST), THERE, UNCOMPARED)).toMatchObject({
    name: 'shop-web-1-0a1b2c3d-1',
    slot: 1,
    state: 'running',
    health: 'none',
    restart: 'no',
    publish: [],
    volumes: [],
    attached: { shop_default: { aliases: [], address: '' } },
  })
})

test('aliases are those that were asked for, whatever an engine adds of its own', () => {
  const joined = (Aliases: string[]) => ({
    ...NEWEST,
    NetworkSettings: { Networks: { shop_default: { IPAMConfig: { IPv4Address: '10.0.0.2' }, Aliases } } },
  })
  const wanted = { shop_default: { aliases: ['web'], address: '10.0.0.2' } }
  // Up to API 1.44 the container's short id is among them, from 1.45 on it is not.
  expect(fromInspect(inspected(joined(['web', 'f00dfeedf00d'])), THERE, UNCOMPARED).attached).toEqual(wanted)
  expect(fromInspect(inspected(joined(['web'])), THERE, UNCOMPARED).attached).toEqual(wanted)
})
