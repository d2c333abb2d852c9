import { describe, expect, it } from 'vitest'
import type { Problem } from '../../environment/environment.ts'
import { type Profile, parseProfile, predictProfile } from './oracle-profile.ts'

const problem: Problem = {
  devices: 3,
  stateSize: 15,
  choices: [
    { placement: { tier: 'end', variant: 'd7' }, accuracyPercent: 72.8 },
    { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 89.9 },
    { placement: { tier: 'cloud', variant: 'd0' }, accuracyPercent: 89.9 },
    { placement: { tier: 'edge', variant: 'd4' }, accuracyPercent: 88.9 },
  ],
}

const profile: Profile = {
  responseTimesMs: {
    'end/d7': [[10], [11], [12]],
    'edge/d0': [
      [20, 30, 40],
      [21, 31, 41],
      [22, 32, 42],
    ],
    'cloud/d0': [
      [50, 60, 70],
      [51, 61, 71],
      [52, 62, 72],
    ],
    'edge/d4': [
      [15, 25, 35],
      [16, 26, 36],
      [17, 27, 37],
    ],
  },
}

describe('predictProfile', () => {
  it.each([
    [
      [0, 0, 0],
      [10, 11, 12],
    ],
    [
      [1, 0, 2],
      [20, 11, 52],
    ],
    [
      [1, 1, 2],
      [30, 31, 52],
    ],
    [
      [2, 2, 2],
      [70, 71, 72],
    ],
  ])('reads the load of every device from the decision %j', (decision, responseTimesMs) => {
    expect(predictProfile(profile, problem, decision)).toEqual(responseTimesMs)
  })

  it('counts all variants of one edge as its load', () => {
    expect(predictProfile(profile, problem, [1, 3, 0])).toEqual([30, 26, 12])
  })

  it('counts only the devices of the same edge', () => {
    const twoEdges = { ...profile, edgeOf: [0, 1, 0] }
    expect(predictProfile(twoEdges, problem, [1, 1, 1])).toEqual([30, 21, 32])
    expect(predictProfile(twoEdges, problem, [2, 2, 2])).toEqual([70, 71, 72])
  })

  it('rejects a decision that does not fit, naming it', () => {
    expect(() => predictProfile(profile, problem, [0, 0])).toThrow('2 choices for 3 devices')
    expect(() => predictProfile(profile, problem, [0, 0, 4])).toThrow('no choice 4')
  })

  it('names the placement and load that a profile lacks', () => {
    const { 'cloud/d0': _, ...responseTimesMs } = profile.responseTimesMs
    expect(() => predictProfile({ responseTimesMs }, problem, [0, 2, 2])).toThrow(
      'device 1 at cloud/d0 with 2',
    )
  })
})

describe('parseProfile', () => {
  it('reads back what was written as JSON', () => {
    const written: Profile = { ...profile, edgeOf: [0, 1, 0] }
    expect(parseProfile(JSON.parse(JSON.stringify(written)))).toEqual(written)
    expect(parseProfile(JSON.parse(JSON.stringify(profile)))).toEqual(profile)
  })

  const bad: readonly (readonly [string, unknown, string])[] = [
    ['nothing', undefined, 'a profile is an object with "responseTimesMs"'],
    ['null', null, 'a profile is an object with "responseTimesMs"'],
    ['a number', 5, 'a profile is an object with "responseTimesMs"'],
    ['no times', { edgeOf: [0] }, 'a profile is an object with "responseTimesMs"'],
    ['times as text', { responseTimesMs: 'end/d0' }, 'a profile is an object'],
    ['no placement', { responseTimesMs: {} }, 'at least one placement'],
    ['no devices', { responseTimesMs: { 'end/d0': [] } }, 'at least one placement'],
    ['a key that is no placement', { responseTimesMs: { d0: [[1]] } }, 'responseTimesMs["d0"]'],
    [
      'placements of unequal fleets',
      { responseTimesMs: { 'end/d0': [[1], [2]], 'end/d1': [[1]] } },
      'responseTimesMs["end/d1"] must list 2 devices',
    ],
    [
      'a shared tier without all loads',
      { responseTimesMs: { 'edge/d0': [[1, 2], [1]] } },
      'responseTimesMs["edge/d0"][1] must be 2 positive',
    ],
    [
      'loads at end',
      { responseTimesMs: { 'end/d0': [[1, 2], [1]] } },
      'responseTimesMs["end/d0"][0] must be 1 positive',
    ],
    ['zero', { responseTimesMs: { 'end/d0': [[0]] } }, 'must be 1 positive'],
    ['text', { responseTimesMs: { 'end/d0': [['9']] } }, 'must be 1 positive'],
    ['null for infinity', { responseTimesMs: { 'end/d0': [[null]] } }, 'must be 1 positive'],
    ['too few edges', { responseTimesMs: { 'end/d0': [[1], [2]] }, edgeOf: [0] }, '"edgeOf"'],
    ['a broken edge', { responseTimesMs: { 'end/d0': [[1]] }, edgeOf: [0.5] }, '"edgeOf"'],
    ['a negative edge', { responseTimesMs: { 'end/d0': [[1]] }, edgeOf: [-1] }, '"edgeOf"'],
  ]

  it.each(bad)('rejects %s', (_name, value, message) => {
    expect(() => parseProfile(value)).toThrow(message)
  })

  it('a device without times cannot take a choice', () => {
    const profile = parseProfile({
      responseTimesMs: {
        'end/d0': [[10], []],
        'edge/d0': [
          [1, 2],
          [3, 4],
        ],
      },
    })
    expect(profile.responseTimesMs['end/d0']).toEqual([[10], []])
    const choices = [
      { placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 89.9 },
      { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 89.9 },
    ] as const
    const problem = { devices: 2, choices, stateSize: 0 }
    expect(predictProfile(profile, problem, [0, 1])).toEqual([10, 3])
    expect(predictProfile(profile, problem, [0, 0])).toEqual([10, Number.POSITIVE_INFINITY])
  })
})
