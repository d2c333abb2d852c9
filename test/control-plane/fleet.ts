/** The fleet that is simulated: a catalogue, what devices may do, and how accurate that is. */
import type { Choice } from '../../src/fleet/choice.ts'
import type { Tier } from '../../src/fleet/placement.ts'
import type { Catalogue, Variant } from '../../src/serving/models/catalogue.ts'

const variant = (name: string, accuracyPercent: number): Variant => ({
  name,
  file: `${name}.onnx`,
  precision: 'FP32',
  accuracyPercent,
  accuracySource: 'assumed',
})

const CASCADE = { margin: 0.5, escalatedPercent: 30, accuracyPercent: 84.2 }

export const CATALOGUE: Catalogue = {
  model: 'pictures',
  input: { name: 'in', datatype: 'FP32', shape: [1, 3, 1, 1], mean: 0, scale: 1 },
  output: { name: 'out', shape: [1, 4] },
  labels: [],
  variants: [variant('large', 91.5), variant('middle', 86.3), variant('small', 71)],
  cascades: [{ small: 'small', large: 'large', points: [CASCADE] }],
}

const ACCURACY_PERCENT = new Map(
  CATALOGUE.variants.map(({ name, accuracyPercent }) => [name, accuracyPercent]),
)

const alone = (tier: Tier, name: string): Choice => ({
  placement: { tier, variant: name },
  accuracyPercent: ACCURACY_PERCENT.get(name) ?? 0,
})

export const CHOICES: readonly Choice[] = [
  alone('end', 'large'),
  alone('end', 'middle'),
  alone('end', 'small'),
  alone('edge', 'large'),
  alone('cloud', 'large'),
  {
    placement: { tier: 'end', variant: 'small' },
    escalation: {
      to: { tier: 'edge', variant: 'large' },
      margin: CASCADE.margin,
      share: CASCADE.escalatedPercent / 100,
    },
    accuracyPercent: CASCADE.accuracyPercent,
  },
]

/** What an answer under a decision is expected to be worth, percent; found by the judge's own means. */
export function worthOf({
  placement,
  escalation,
}: Pick<Choice, 'placement' | 'escalation'>): number {
  const isSmallFirst = escalation !== undefined && placement.variant === 'small'
  return isSmallFirst ? CASCADE.accuracyPercent : (ACCURACY_PERCENT.get(placement.variant) ?? 0)
}
