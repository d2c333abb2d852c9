import { expect, it } from 'vitest'
import type { DeviceDecision } from '../control/messages.ts'
import { InvalidInputError } from '../errors.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { Floor } from './floor.ts'

/** A pair of 72.8 and 89.9 % that reaches 88.5 % where it passes a fifth of its answers on. */
const catalogue = {
  model: 'm',
  variants: [
    { name: 'd0', accuracyPercent: 89.9 },
    { name: 'd7', accuracyPercent: 72.8 },
    { name: 'unrated', accuracyPercent: 0 },
  ],
  cascades: [
    {
      small: 'd7',
      large: 'd0',
      points: [{ margin: 0.51, escalatedPercent: 20, accuracyPercent: 88.5 }],
    },
  ],
} as unknown as Catalogue

function floorOf(floorPercent?: number) {
  const warnings: string[] = []
  const logger = { warn: (_of: object, text: string) => warnings.push(text) } as never
  const options = { catalogue, logger, ...(floorPercent !== undefined && { floorPercent }) }
  return { floor: new Floor(options), warnings }
}

const decision = (variant: string, session = 'one'): DeviceDecision => ({
  ...{ session, epoch: 1, round: 3, device: 'camera' },
  placement: { tier: 'end', variant },
  fallbackAccuracyPercent: 60,
})
const to = { tier: 'edge', variant: 'd0' } as const
const escalating = (margin: number) => ({
  ...decision('d7'),
  escalation: { to, margin, share: 0.2 },
})

it.each([
  [undefined, ['d0', 'd7', 'unrated']],
  [72.8, ['d0', 'd7']],
  [72.81, ['d0']],
  [89.9, ['d0']],
  [89.91, []],
])('at %s % allows %j alone', (percent, allowed) => {
  const { floor } = floorOf(percent)
  const names = catalogue.variants.map(({ name }) => name)
  expect(names.filter((name) => floor.allows(name))).toEqual(allowed)
})

it.each([
  [88.5, true],
  [88.51, false],
])('counts what escalates by its pair: %d % is obeyed: %s', (percent, isObeyed) => {
  const { floor } = floorOf(percent)
  expect(floor.obeys(escalating(0.51))).toBe(isObeyed)
  expect(floor.obeys(escalating(0.3))).toBe(false)
})

it('names the first decision below it of each session in the log', () => {
  const { floor, warnings } = floorOf(80)
  for (const session of ['one', 'one', 'two']) floor.obeys(decision('d7', session))
  floor.obeys(decision('d0', 'two'))
  expect(warnings).toHaveLength(2)
  expect(warnings[0]).toContain('it promises 72.8 %, below the floor of 80 % of camera')
})

it('raises what a decision lets fall back, and lowers nothing', () => {
  const { floor } = floorOf(80)
  expect(floor.under(decision('d0')).fallbackAccuracyPercent).toBe(80)
  const strict = { ...decision('d0'), fallbackAccuracyPercent: 85 }
  expect(floor.under(strict)).toBe(strict)
})

it('keeps an answer by the accuracy that is told of it', () => {
  const { floor } = floorOf(80)
  const placement = { tier: 'end', variant: 'd7' } as const
  const judged = { margin: 0.9, firstMs: 3, escalated: false, fellBack: false }
  expect(floor.keeps({ placement })).toBe(false)
  expect(floor.keeps({ placement, judged: { ...judged, accuracyPercent: 88.5 } })).toBe(true)
  const kept = { ...judged, fellBack: true, accuracyPercent: 72.8 }
  expect(floor.keeps({ placement, judged: kept })).toBe(false)
})

it('refuses a variant that is asked for by its name, and says what to ask for', () => {
  const { floor } = floorOf(80)
  floor.check('d0')
  expect(() => floor.check('d7')).toThrow(InvalidInputError)
  expect(() => floor.check('d7')).toThrow(
    "d7 has 72.8 %, below this device's floor of 80 %: ask for m",
  )
})
