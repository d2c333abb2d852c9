import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { decisionOf, liveTelemetry, observationOf } from './control-plane.conformance.ts'
import { type JointDecision, type MessageKind, schemas } from './messages.ts'

const joint: JointDecision = {
  session: 's1',
  round: 4,
  agent: 'hybrid',
  goalPercent: 85,
  placements: { 'device-1': 'edge/d0' },
  accuracyPercent: 89.9,
  progress: { realSteps: 4, plannedSteps: 9, updates: 60 },
  goalViolations: 0,
  closed: {
    round: 3,
    agent: 'hybrid',
    goalPercent: 85,
    placements: { 'device-1': 'end/d0' },
    responseTimesMs: { 'device-1': 93 },
    responseTimeMs: 93,
    accuracyPercent: 89.9,
    violated: false,
  },
}
const goal = { accuracyPercent: 85, agent: 'hybrid', revert: false }
const valid: Readonly<Record<MessageKind, object>> = {
  telemetry: liveTelemetry,
  observation: observationOf(1),
  label: { device: 'device-1', session: 's1', round: 4, correct: true },
  goal,
  decision: decisionOf('device-1', 1),
  jointDecision: joint,
  roster: { body: '{}', signature: 'c2lnbmVk' },
  orchestrator: {
    session: 's1',
    epoch: 7,
    goalPercent: 85,
    agent: 'factored',
    reverted: 'asked for',
    answered: [{ id: 'a' }, { id: 'b', refused: 'too high' }],
  },
}
const KINDS = Object.keys(valid) as MessageKind[]

/** The same message with something else at a place: `closed.round`. */
function withAt(message: object, path: string, value: unknown): unknown {
  const copy = structuredClone(message)
  const names = path.split('.')
  const last = names.pop() ?? ''
  let at: object = copy
  for (const name of names) at = Reflect.get(at, name)
  if (value === undefined) Reflect.deleteProperty(at, last)
  else Reflect.set(at, last, value)
  return copy
}

/** Places that a schema finds fault with; none where it takes the message. */
function faults(kind: MessageKind, message: unknown): string[] {
  const { error } = schemas[kind].safeParse(message)
  return (error?.issues ?? []).map(({ path }) => path.join('.'))
}

it.each(KINDS)('takes a good %s as it is, through JSON', (kind) => {
  const message = valid[kind]
  expect(schemas[kind].parse(JSON.parse(JSON.stringify(message)))).toEqual(message)
})

describe('a bad message is refused by the name of what is wrong', () => {
  it.each([
    ['telemetry', 'node', '__proto__'],
    ['telemetry', 'tier', 'fog'],
    ['telemetry', 'url', 'nowhere'],
    ['telemetry', 'ready', 'yes'],
    ['telemetry', 'state.processor', 10],
    ['telemetry', 'state.memory', 2],
    ['telemetry', 'state.bandwidth', 0.5],
    ['telemetry', 'measured.backgroundProcessorPercent', 100.1],
    ['telemetry', 'measured.roundTripMs', -1],
    ['telemetry', 'measured.bandwidthMbps', 0],
    ['telemetry', 'reaches.cloud', undefined],
    ['telemetry', 'service.queueDepth', -1],
    ['telemetry', 'dilationErrorPercent', -0.1],
    ['telemetry', 'alive', 1],
    ['observation', 'round', 1.5],
    ['observation', 'decided.tier', 'fog'],
    ['observation', 'served.variant', ''],
    ['observation', 'accuracyPercent', 100.5],
    ['observation', 'responseTimeMs', -0.1],
    ['observation', 'failed', undefined],
    ['label', 'correct', 'yes'],
    ['label', 'device', '../x'],
    ['goal', 'accuracyPercent', -1],
    ['goal', 'agent', ''],
    ['goal', 'agent', 'x'.repeat(4097)],
    ['goal', 'revert', 'now'],
    ['decision', 'device', 'a/b'],
    ['decision', 'round', -1],
    ['decision', 'epoch', undefined],
    ['decision', 'placement.variant', 'x'.repeat(129)],
    ['decision', 'fallbackAccuracyPercent', undefined],
    ['jointDecision', 'session', 'a b'],
    ['orchestrator', 'epoch', -1],
    ['jointDecision', 'progress.realSteps', -1],
    ['jointDecision', 'closed.violated', undefined],
    ['jointDecision', 'closed.responseTimesMs.device-1', -5],
    ['jointDecision', 'raisedGoalPercent', 101],
    ['jointDecision', 'answers', { heard: 1 }],
  ] as const)('%s: %s cannot be %j', (kind, path, value) => {
    const places = faults(kind, withAt(valid[kind], path, value))
    expect(places).toHaveLength(1)
    expect(places[0]).toMatch(new RegExp(`^${path}`))
  })

  it('without whatever is not said to be optional', () => {
    const optional = new Set(['reaches', 'agent', 'revert', 'reverted', 'closed'])
    for (const kind of KINDS) {
      for (const name of Object.keys(valid[kind])) {
        const isOptional = optional.has(name) && !(name === 'agent' && kind !== 'goal')
        const places = faults(kind, withAt(valid[kind], name, undefined))
        expect([kind, name, places]).toEqual([kind, name, isOptional ? [] : [name]])
      }
    }
  })

  it('where a number is none (fuzz)', () => {
    const random = new Random(1)
    const notNumbers = [Number.NaN, Number.POSITIVE_INFINITY, '1', null, true, [1], {}]
    const names = Object.entries(valid.observation).filter(([, value]) => typeof value === 'number')
    for (let round = 0; round < 200; round++) {
      const [name] = names[random.integer(names.length)]
      const value = notNumbers[random.integer(notNumbers.length)]
      expect(faults('observation', withAt(valid.observation, name, value))).toEqual([name])
    }
  })
})

it.each([
  ['goal', 'deviceGoal', { device: 'a/b', goalPercent: 90 }, 'deviceGoal.device'],
  ['goal', 'deviceGoal', { device: 'one', goalPercent: 101 }, 'deviceGoal.goalPercent'],
  ['orchestrator', 'deviceGoals', { one: { goalPercent: 'all' } }, 'deviceGoals.one.goalPercent'],
] as const)('%s: %s of a device cannot be %j', (kind, path, value, place) => {
  expect(faults(kind, withAt(valid[kind], path, value))).toEqual([place])
})

describe('bounds', () => {
  it('hold of the goals and floors of devices', () => {
    expect(faults('telemetry', { ...valid.telemetry, goalPercent: 100.1 })).toHaveLength(1)
    expect(faults('telemetry', { ...valid.telemetry, floorPercent: -1 })).toHaveLength(1)
    const deviceGoals = { 'device-1': { goalPercent: 101 } }
    const [place] = faults('jointDecision', { ...valid.jointDecision, deviceGoals })
    expect(place).toMatch(/^deviceGoals\.device-1\.goalPercent/)
  })

  it('hold of how many variants a node may have', () => {
    const of = (count: number) => ({
      ...liveTelemetry,
      variants: Array.from({ length: count }, (_, index) => ({ name: `d${index}` })),
    })
    expect(faults('telemetry', of(0))).toEqual([])
    expect(faults('telemetry', of(256))).toEqual([])
    expect(faults('telemetry', of(257))).toEqual(['variants'])
  })

  it('hold of the names of devices in records', () => {
    const placements = JSON.parse('{"__proto__":"end/d0"}')
    expect(schemas.jointDecision.parse({ ...joint, placements }).placements).toStrictEqual({})
    expect(faults('jointDecision', { ...joint, placements: { 'a/b': 'end/d0' } })).toEqual([
      'placements.a/b',
    ])
  })

  it('hold of what a node says it can take', () => {
    const admission = { windowSeconds: 5, requests: 9, late: 4, refused: 5, sheds: true }
    const of = (more: object) => {
      return withAt(liveTelemetry, 'service.admission', { ...admission, ...more })
    }
    expect(faults('telemetry', of({}))).toEqual([])
    expect(faults('telemetry', of({ spareRequestsPerS: 0 }))).toEqual([])
    expect(faults('telemetry', of({ late: 5 }))).toEqual(['service.admission'])
    for (const wrong of [
      { spareRequestsPerS: -1 },
      { spareRequestsPerS: 2e6 },
      { windowSeconds: 0 },
      { refused: 0.5 },
      { sheds: undefined },
    ]) {
      const [name] = Object.keys(wrong)
      expect(faults('telemetry', of(wrong))).toEqual([`service.admission.${name}`])
    }
  })

  it('take what lies on them', () => {
    for (const accuracyPercent of [0, 100]) expect(faults('goal', { accuracyPercent })).toEqual([])
    expect(faults('observation', { ...observationOf(0), responseTimeMs: 0 })).toEqual([])
  })
})

it('takes a last will for what it is: nothing but a name and a tier', () => {
  const will = { alive: false, node: 'a', tier: 'end' }
  expect(schemas.telemetry.parse({ ...liveTelemetry, ...will })).toEqual(will)
  expect(faults('telemetry', { alive: false, node: 'a' })).toEqual(['tier'])
})
