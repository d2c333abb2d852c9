/** What a pair of shipped variants answers to the shipped test pictures. */
import { packageFile } from '../../src/package-files.ts'
import { bytesOf } from '../../src/protocol/datatypes.ts'
import { IntelligentService } from '../../src/serving/intelligent-service.ts'
import { answersOf } from '../../src/serving/models/answers.ts'
import { heldPart, loadCatalogue } from '../../src/serving/models/catalogue.ts'
import { scoresIn } from '../../src/serving/models/confidence.ts'
import { readIdxLabels, readIdxPictures } from '../../src/serving/models/idx.ts'
import { type GreyPicture, preparePicture } from '../../src/serving/models/picture.ts'
import type { Measured, ShiftSettings } from './settings.ts'

const LARGE = 'w100'
/** Of its points the one that is nearest to this share. */
const ESCALATED_PERCENT = 20

/** One picture's. */
export interface Answer {
  /** The small variant's margin is below the threshold. */
  readonly isUnsure: boolean
  readonly isSmallRight: boolean
  readonly isLargeRight: boolean
  readonly isAgreed: boolean
}

export interface Pictures {
  readonly pictures: readonly GreyPicture[]
  readonly labels: Uint8Array
}

/** The shipped test pictures. */
export async function testPictures(): Promise<Pictures> {
  const file = (what: string) => packageFile(`models/fashion/pictures/t10k-${what}-ubyte.gz`)
  return {
    pictures: await readIdxPictures(file('images-idx3')),
    labels: await readIdxLabels(file('labels-idx1')),
  }
}

/** A threshold of the catalogue: chosen on held-out pictures, and measured on all test pictures. */
export async function cascadeOf(small: ShiftSettings['small']) {
  const catalogue = await loadCatalogue(packageFile('models/fashion/catalogue.yaml'))
  const cascade = catalogue.cascades?.find((each) => each.small === small && each.large === LARGE)
  const distance = (percent: number) => Math.abs(percent - ESCALATED_PERCENT)
  const [point] = (cascade?.points ?? []).toSorted(
    (one, other) => distance(one.escalatedPercent) - distance(other.escalatedPercent),
  )
  if (point === undefined) throw new Error(`the catalogue has no cascade ${small} → ${LARGE}`)
  return { ...point, catalogue: heldPart(catalogue, [small, LARGE]) }
}

/** Both variants on every picture. */
export async function answersTo(
  small: ShiftSettings['small'],
  { pictures, labels }: Pictures,
  onPicture: () => void = () => {},
): Promise<Answer[]> {
  const { catalogue, margin } = await cascadeOf(small)
  const service = new IntelligentService({ catalogue, workers: 1, queueLimit: 8 })
  await service.start()
  try {
    const { byVariant } = await answersOf(
      catalogue,
      pictures.map((picture, index) => ({
        name: `t10k[${index}]`,
        label: labels[index] ?? -1,
        values: () => preparePicture(picture, catalogue.input),
      })),
      {
        ...{ lanes: 2, keepScores: true, onPicture },
        infer: async ({ name }, values) => {
          const inputs = [{ ...catalogue.input, data: bytesOf(values) }]
          const { outputs } = await service.infer(name, { inputs })
          return outputs[0] ? scoresIn(outputs[0]) : []
        },
      },
    )
    const of = (name: string) => byVariant.find(({ variant }) => variant.name === name)
    const [first, second] = [of(small), of(LARGE)]
    return pictures.map((_, index) => ({
      isUnsure: (first?.margins[index] ?? 0) < margin,
      isSmallRight: first?.ranks[index] === 0,
      isLargeRight: second?.ranks[index] === 0,
      isAgreed: likeliest(first?.scores[index]) === likeliest(second?.scores[index]),
    }))
  } finally {
    await service.close()
  }
}

function likeliest(scores: readonly number[] | Float32Array = []): number {
  return scores.indexOf(Math.max(...scores))
}

/** @param answers at least one */
export function measured(answers: readonly Answer[]): Measured {
  const percent = (own: readonly Answer[], isCounted: (answer: Answer) => boolean) =>
    (100 * own.filter(isCounted).length) / own.length
  return {
    small: percent(answers, ({ isSmallRight }) => isSmallRight),
    large: percent(answers, ({ isLargeRight }) => isLargeRight),
    cascade: percent(answers, ({ isUnsure, isSmallRight, isLargeRight }) =>
      isUnsure ? isLargeRight : isSmallRight,
    ),
    escalated: percent(answers, ({ isUnsure }) => isUnsure),
    agreed: percent(
      answers.filter(({ isUnsure }) => !isUnsure),
      ({ isAgreed }) => isAgreed,
    ),
  }
}
