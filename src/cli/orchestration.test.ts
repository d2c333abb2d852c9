import { describe, expect, it } from 'vitest'
import { type Choice, formatChoice } from '../fleet/choice.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { fleetChoices, orchestrationOf } from './orchestration.ts'
import { orchestrationSettings } from './settings/fleet.ts'

const choices: readonly Choice[] = [
  { placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 92.7 },
  { placement: { tier: 'end', variant: 'd3' }, accuracyPercent: 89.8 },
]
const of = async (settings: object) =>
  orchestrationOf({ ...orchestrationSettings.parse(settings), devices: 2 }, choices)

describe('what is set for factored', () => {
  it('is its budget, and the confidence that labels are to give', async () => {
    expect(await of({ goal: 80 })).not.toHaveProperty('hyperparameters')
    const both = { exploration: { budgetPercent: 4 }, labels: { confidence: 0.95 } }
    expect((await of({ goal: 80, ...both })).hyperparameters).toEqual({
      factored: {
        explorationBudget: 0.04,
        'accuracies.confidence': 0.95,
        'accuracies.measuredOn': 10_000,
      },
    })
  })

  it('is refused for another agent', async () => {
    const fixed = { goal: 80, agent: 'fixed:end/d0' }
    await expect(of({ ...fixed, labels: { confidence: 0.9 } })).rejects.toThrow(
      'agent "fixed:end/d0" does not measure accuracies (labels.confidence 0.9)',
    )
    await expect(of({ ...fixed, exploration: { budgetPercent: 4 } })).rejects.toThrow(
      'has no exploration budget (4 %)',
    )
    await expect(of({ goal: 80, labels: { confidence: 1 } })).rejects.toThrow('below 1')
  })
})

it('has a goal one point below the most accurate choice where none is set', async () => {
  expect((await of({})).goalPercent).toBe(91.7)
})

describe('what devices may do', () => {
  const variants = [
    { name: 'd0', accuracyPercent: 92.7 },
    { name: 'd3', accuracyPercent: 89.8 },
  ]
  const catalogue = { variants, cascades: [] } as unknown as Catalogue
  const texts = (remote?: readonly string[]) => fleetChoices(catalogue, remote).map(formatChoice)

  it('is to ask edge and cloud for the most accurate variant, or for those named', () => {
    expect(texts()).toEqual(['end/d0', 'end/d3', 'edge/d0', 'cloud/d0'])
    const both = ['edge/d0', 'edge/d3', 'cloud/d0', 'cloud/d3']
    expect(texts(['d3', 'd0'])).toEqual(['end/d0', 'end/d3', ...both])
    expect(() => texts(['d9'])).toThrow('the catalogue has no d9')
  })
})
