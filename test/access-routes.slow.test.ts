/** Every route and method of every tier, asked by everybody: nothing is open beyond the table of rights. */
import { Pool } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mayRequest, ROUTE_RIGHTS } from '../src/access/rights.ts'
import { startCloudNode } from '../src/cli/cloud-node.ts'
import { nodeSettings } from '../src/cli/settings/node.ts'
import type { RunningNode } from '../src/node/node-options.ts'
import { TestNodes, testCatalogueFile } from '../src/node/start-node.fixture.ts'
import { loadCatalogue } from '../src/serving/models/catalogue.ts'
import { type Caller, recording, type TestFleet, testFleet } from './access.fixture.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
const nodes = new TestNodes()
const running = new Map<string, RunningNode>()
let fleet: TestFleet

beforeAll(async () => {
  fleet = await testFleet()
  const file = await testCatalogueFile()
  const settings = nodeSettings.parse({ tier: 'cloud', port: 0, brokerPort: 0, variants: ['d7'] })
  const cloud = await startCloudNode(
    { ...settings, name: 'cloud' },
    {
      file,
      catalogue: await loadCatalogue(file),
      access: await fleet.access('cloud'),
      logger: recording,
    },
  )
  running.set('cloud', cloud)
  const own = { variants: ['d7'], cloudUrl: cloud.url }
  for (const [name, tier] of [
    ['edge-1', 'edge'],
    ['camera-1', 'end'],
  ] as const) {
    const access = await fleet.access(name)
    running.set(tier, await nodes.start({ name, tier, ...own, access }))
  }
})
afterAll(async () => {
  await nodes.closeAll()
  await running.get('cloud')?.close()
  expect(fleet.leaks()).toEqual([])
  await fleet.close()
})

async function asked({ certificate, token }: Caller, url: string) {
  const tls = certificate && { cert: certificate.certificate, key: certificate.key }
  const pool = new Pool(url, { connections: 4, connect: { ca: fleet.ca, ...tls } })
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return {
    close: () => pool.destroy(),
    status: async (method: (typeof METHODS)[number], path: string) => {
      const { statusCode, body } = await pool.request({ method, path, headers })
      await body.dump()
      return statusCode
    },
  }
}

const PATHS = Object.keys(ROUTE_RIGHTS).filter((path) => path !== '/assets/*')
const PARAMETERS: readonly Record<string, string>[] = [
  { model: 'd7', version: '1', device: 'camera-1' },
  { model: 'mobilenet', version: '1', device: 'camera-2' },
]

function pathOf(route: string, parameters: Readonly<Record<string, string>>): string {
  return route.replace(/:(\w+)/g, (_, name) => parameters[name] ?? '')
}

/** Every request that a tier's routes make possible. */
function requestsTo({ app }: RunningNode) {
  return PATHS.flatMap((route) =>
    METHODS.filter((method) => app.hasRoute({ method, url: route })).flatMap((method) =>
      PARAMETERS.slice(0, route.includes(':device') ? 2 : 1).map((parameters) => ({
        ...{ route, method, parameters },
      })),
    ),
  )
}

/** A login at the broker is nothing to a server. */
const isShown = ({ token, certificate }: Caller) => token !== undefined || certificate !== undefined
const knownAs = (caller: Caller) => (isShown(caller) ? caller.identity : undefined)

/** Whether the table lets a caller in. Who asks what they are by a wrong credential is told that it is wrong. */
function wantedOf(caller: Caller, { route, method, parameters }: Asked) {
  const identity = knownAs(caller)
  if (identity === undefined && isShown(caller) && route === '/v2/tierwise/access') return 401
  if (mayRequest(identity, method, route, parameters)) return 'open'
  return identity ? 403 : 401
}
type Asked = ReturnType<typeof requestsTo>[number]

describe.each(['cloud', 'edge', 'end'])('%s', (tier) => {
  const node = () => running.get(tier) as RunningNode

  test('each route and method is open to those of the table alone', async () => {
    const requests = requestsTo(node())
    expect(requests.length).toBeGreaterThan(50)
    const counts = { open: 0, 401: 0, 403: 0 }
    for (const caller of fleet.callers) {
      const { status, close } = await asked(caller, node().url)
      await Promise.all(
        requests.map(async (request) => {
          const { route, method, parameters } = request
          const answered = await status(method, pathOf(route, parameters))
          const seen = answered === 401 || answered === 403 ? answered : 'open'
          const wanted = wantedOf(caller, request)
          expect({ caller: caller.title, ...request, seen }).toMatchObject({ seen: wanted })
          counts[wanted]++
        }),
      )
      await close()
    }
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(20)
  })

  test('each route but the page’s is in the OpenAPI document', async () => {
    const { app } = node()
    const { paths } = (await app.inject('/v2/openapi.json')).json()
    const documented = Object.entries<object>(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const served = PATHS.filter((path) => path.length > 1 && path !== '/index.html').flatMap(
      (url) =>
        Object.keys(ROUTE_RIGHTS[url] ?? {})
          .filter((method) => app.hasRoute({ method, url }))
          .map((method) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`),
    )
    expect(documented.toSorted()).toEqual(served.toSorted())
  })

  test('what is not there is told to those who are known, and to nobody else', async () => {
    for (const caller of fleet.callers) {
      const { status, close } = await asked(caller, node().url)
      const seen = await status('GET', '/v2/nothing')
      const wanted = knownAs(caller) ? 404 : 401
      expect({ caller: caller.title, seen }).toMatchObject({ seen: wanted })
      await close()
    }
  })
})

test('an edge passes a device’s question on, with its own certificate', async () => {
  const camera = fleet.callers.find(({ title }) => title === 'camera-1, a node')
  const { certificate = '', key = '' } = camera?.certificate ?? {}
  const pool = new Pool(running.get('edge')?.url ?? '', {
    connect: { ca: fleet.ca, cert: certificate, key },
  })
  const path = '/v2/tierwise/decision/camera-1'
  const { statusCode, body } = await pool.request({ method: 'GET', path })
  const { error } = (await body.json()) as { error: string }
  await pool.destroy()
  // The cloud has understood, and has no decision yet.
  expect([statusCode, error]).toEqual([503, expect.stringContaining('answered 404')])
})

test('a route without a row in the table keeps a node from starting', async () => {
  const added = { extend: (app: RunningNode['app']) => void app.get('/v2/new', () => 'x') }
  await expect(nodes.start({ name: 'x', tier: 'end', ...added })).rejects.toThrow(
    '/v2/new has no row in the table of rights',
  )
})
