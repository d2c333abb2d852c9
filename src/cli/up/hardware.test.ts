import { describe, expect, test } from 'vitest'
import type { Choice } from '../../fleet/choice.ts'
import { availableTo, hardwareOf, hardwareText } from './hardware.ts'

const VARIANTS = [
  { name: 'large', bytes: 900 },
  { name: 'tiny', bytes: 10 },
  { name: 'small', bytes: 100 },
]
const hardware = [{ slowness: 0.25 }, { slowness: 4, smallest: 2 }, { slowness: 1, smallest: 0 }]

describe('hardware', () => {
  test('is dealt out in turn; the smallest variants fit first, in catalogue order', () => {
    const of = (device: number) => hardwareOf({ hardware }, device, VARIANTS)
    expect(of(0)).toEqual({ slowness: 0.25, variants: ['large', 'tiny', 'small'] })
    expect(of(1)).toEqual({ slowness: 4, variants: ['tiny', 'small'] })
    expect(of(2)).toEqual({ slowness: 1, variants: [] })
    expect(of(3)).toEqual(of(0))
  })

  test('equal devices hold all; of mixed ones some hold less and one holds none', () => {
    const held = (kind: 'equal' | 'mixed') =>
      Array.from({ length: 5 }, (_, device) => {
        return hardwareOf({ hardware: kind }, device, VARIANTS).variants.length
      })
    expect(held('equal')).toEqual([3, 3, 3, 3, 3])
    expect(held('mixed')).toEqual([3, 3, 3, 2, 0])
  })

  test('is told in words', () => {
    const text = (slowness: number, variants: string[]) => hardwareText({ slowness, variants }, 3)
    expect(text(0.25, ['a', 'b', 'c'])).toBe('4 × faster, holds all 3 variants')
    expect(text(4, ['a'])).toBe('4 × slower, holds a')
    expect(text(1, ['a', 'b'])).toBe('usual speed, holds a, b')
    expect(text(2, [])).toBe('holds no variant')
  })
})

test('a device can take what it holds, both stages of an escalation, and all of edge and cloud', () => {
  const end = (variant: string) => ({ tier: 'end', variant }) as const
  const edge = { tier: 'edge', variant: 'large' } as const
  const escalation = { to: end('large'), margin: 0.5, share: 0.1 }
  const choices: Choice[] = [
    { placement: end('large'), accuracyPercent: 90 },
    { placement: end('tiny'), accuracyPercent: 80 },
    { placement: edge, accuracyPercent: 90 },
    { placement: end('tiny'), accuracyPercent: 85, escalation },
    { placement: end('tiny'), accuracyPercent: 85, escalation: { ...escalation, to: edge } },
  ]
  const devices = [['large', 'tiny'], ['tiny'], []].map((variants) => ({ variants }))
  expect(availableTo(devices, choices)).toEqual([
    [true, true, true, true, true],
    [false, true, true, false, true],
    [false, false, true, false, false],
  ])
})
