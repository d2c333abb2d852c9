import { expect, test } from 'vitest'
import { Random } from '../random.ts'
import {
  clientIdOf,
  type Identity,
  mayPublish,
  mayRequest,
  maySubscribe,
  ROLES,
  TOPIC_RIGHTS,
} from './rights.ts'

const camera: Identity = { name: 'camera-1', role: 'node', tier: 'end' }
const edge: Identity = { name: 'edge-1', role: 'node', tier: 'edge' }
const orchestrator: Identity = { name: 'orchestrator@cloud', role: 'orchestrator' }
const [application, viewer, operator] = (['application', 'viewer', 'operator'] as const).map(
  (role): Identity => ({ name: `some-${role}`, role }),
)
const everybody = [camera, edge, orchestrator, application, viewer, operator] as Identity[]
const namesWho = (may: (identity: Identity) => boolean) =>
  everybody.filter(may).map(({ name }) => name)

test.each([
  ['tierwise/telemetry/camera-1', ['camera-1']],
  ['tierwise/observation/camera-1', ['camera-1']],
  ['tierwise/observation/edge-1', ['edge-1']],
  ['tierwise/label/camera-1', ['camera-1']],
  ['tierwise/goal', ['orchestrator@cloud', 'some-operator']],
  ['tierwise/decision', ['orchestrator@cloud']],
  ['tierwise/decision/camera-1', ['orchestrator@cloud']],
  ['tierwise/roster', ['orchestrator@cloud']],
  ['tierwise/decision/camera-1/more', []],
  ['tierwise/telemetry', []],
  ['other/telemetry/camera-1', []],
  ['$SYS/anything', []],
  ['', []],
])('on %s may publish: %j', (topic, names) => {
  expect(namesWho((identity) => mayPublish(identity, topic))).toEqual(names)
})

test.each([
  ['tierwise/decision/camera-1', ['camera-1', 'some-viewer', 'some-operator']],
  ['tierwise/decision/edge-1', ['edge-1', 'some-viewer', 'some-operator']],
  ['tierwise/decision/+', ['some-viewer', 'some-operator']],
  ['tierwise/decision', ['orchestrator@cloud', 'some-viewer', 'some-operator']],
  ['tierwise/telemetry/+', ['orchestrator@cloud', 'some-viewer', 'some-operator']],
  ['tierwise/goal', ['orchestrator@cloud', 'some-viewer', 'some-operator']],
  ['tierwise/roster', ['camera-1', 'edge-1']],
  ['tierwise/telemetry/#', []],
  ['tierwise/#', []],
  ['#', []],
  ['+/+', []],
  ['tierwise/+', []],
  ['tierwise/+/camera-1', []],
  ['$share/group/tierwise/goal', []],
])('%s may be read by: %j', (filter, names) => {
  expect(namesWho((identity) => maySubscribe(identity, filter))).toEqual(names)
})

test.each([
  ['GET', '/v2/health/live', {}, 7],
  ['GET', '/metrics', {}, 2],
  ['HEAD', '/metrics', {}, 2],
  ['POST', '/v2/models/:model/infer', {}, 3],
  ['GET', '/v2/tierwise/decision/:device', { device: 'camera-1' }, 4],
  ['GET', '/v2/tierwise/decision/:device', { device: 'camera-2' }, 3],
  ['DELETE', '/metrics', {}, 6],
  ['DELETE', '/v2/tierwise/doubt', {}, 1],
  ['POST', '/v2/tierwise/feedback', {}, 1],
  ['POST', '/v2/tierwise/test-answers', {}, 1],
  ['GET', '/not/in/the/table', {}, 0],
] as const)('%s %s %j is open to %i of seven', (method, path, parameters, count) => {
  const callers = [undefined, ...everybody]
  const may = callers.filter((identity) => mayRequest(identity, method, path, parameters))
  expect(may).toHaveLength(count)
})

test('a machine has its own client id, people any below their name, and nobody another’s', () => {
  expect(clientIdOf(camera, 'camera-1')).toBe('camera-1')
  expect(clientIdOf(camera, 'camera-2')).toBeUndefined()
  expect(clientIdOf(orchestrator, 'cloud')).toBeUndefined()
  const alice: Identity = { name: 'alice', role: 'operator' }
  expect(clientIdOf(alice, 'alice')).toBe('alice')
  expect(clientIdOf(alice, 'camera-1')).toBe('alice:camera-1')
  expect(clientIdOf(alice, '')).toBe('alice:')
})

/** MQTT 3.1.1, section 4.7, on topics without `$`. */
function matches(filter: string, topic: string): boolean {
  const [wanted, levels] = [filter.split('/'), topic.split('/')]
  const end = wanted.indexOf('#')
  if (end >= 0) {
    return levels.length >= end && wanted.slice(0, end).every((one, at) => isAt(one, levels[at]))
  }
  return wanted.length === levels.length && wanted.every((one, at) => isAt(one, levels[at]))
}
const isAt = (wanted: string, level: string | undefined) => wanted === '+' || wanted === level

test('no filter lets anybody read a topic that no row gives them, of 20,000 that chance wrote', () => {
  const random = new Random(5)
  const pick = <One>(list: readonly One[]) => list[random.integer(list.length)] as One
  const words = ['tierwise', 'telemetry', 'decision', 'roster', 'goal', 'camera-1', '+', '#', '']
  const topics = ['telemetry/camera-1', 'telemetry/x', 'observation/x', 'goal', 'decision']
  topics.push('decision/camera-1', 'decision/x', 'roster')
  const readable = (identity: Identity, topic: string) => {
    const [level = '', subject] = topic.split('/')
    const kind = topic === 'decision' ? 'jointDecision' : level
    const { subscribe } = TOPIC_RIGHTS[kind as keyof typeof TOPIC_RIGHTS]
    const extent = subscribe[identity.role]
    return extent === 'all' || (extent === 'itself' && subject === identity.name)
  }
  let allowed = 0
  for (let trial = 0; trial < 20_000; trial++) {
    const filter = Array.from({ length: 1 + random.integer(4) }, () => pick(words)).join('/')
    const identity = pick(everybody)
    if (!maySubscribe(identity, filter)) continue
    allowed++
    for (const topic of topics) {
      if (matches(filter, `tierwise/${topic}`)) {
        expect([identity.name, topic, readable(identity, topic)]).toEqual([
          identity.name,
          topic,
          true,
        ])
      }
    }
  }
  expect(allowed).toBeGreaterThan(100)
})

test('every role has a right, and no role all of them', () => {
  for (const role of ROLES) {
    const rows = Object.values(TOPIC_RIGHTS).flatMap(({ publish, subscribe }) => [
      publish,
      subscribe,
    ])
    const own = rows.filter((rights) => rights[role] !== undefined).length
    expect(own).toBeLessThan(rows.length)
    expect(own > 0 || role === 'application').toBe(true)
  }
})
