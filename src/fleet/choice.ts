/** One thing a device may do with its request, and what is known of it. */
import { ConfigError, InvalidInputError } from '../errors.ts'
import { formatPlacement, type Placement, parsePlacement, type Tier } from './placement.ts'

/** Family of the numbers that most of a model's weights are stored in; variants of one family run alike on a device. */

export type Precision = 'FP32' | 'FP16' | 'INT8'

/** What a variant costs on any machine, counted from its ONNX file; what nobody has counted is absent. */
export interface VariantFacts {
  /** Millions of multiply-accumulates of one inference. */
  readonly megaMacs?: number
  /** Size of the model file. */
  readonly bytes?: number
  readonly precision?: Precision
}

/** A placement, how accurate its variant is, and what is known of that variant: nobody looks it up by its name. */
export interface Choice extends VariantFacts {
  readonly placement: Placement
  /** Known accuracy of the variant, or of the pair where there is an escalation; it counts in hundredths of a percent (see `goal.ts`). */
  readonly accuracyPercent: number
  /** Small first, large when unsure: what `placement` is unsure of is served again. */
  readonly escalation?: Escalation
}

/** Where the answers go that the first variant is unsure of. */
export interface Escalation {
  readonly to: Placement
  /** An answer is unsure where its likeliest class leads the second by less than this. In (0, 1]. */
  readonly margin: number
  /** Share of requests that are expected to be unsure. In [0, 1]; each device's own is learned. */
  readonly share: number
}

/** Measured curve of a pair of variants: what a margin costs and what it brings. */
export interface Cascade {
  readonly small: string
  readonly large: string
  readonly points: readonly {
    readonly margin: number
    readonly escalatedPercent: number
    /** Of the pair: the small one's where it is sure, the large one's where not. */
    readonly accuracyPercent: number
  }[]
}

/** `edge/d0`, or `end/d3>end/d0@0.51` with an escalation. */
export function formatChoice({
  placement,
  escalation,
}: Pick<Choice, 'placement' | 'escalation'>): string {
  const first = formatPlacement(placement)
  return escalation ? `${first}>${formatPlacement(escalation.to)}@${escalation.margin}` : first
}

/**
 * The canonical text of a choice, as `formatChoice` writes it.
 * @throws InvalidInputError when it is neither a placement nor two of them with a margin
 */
export function canonicalChoice(text: string): string {
  const [first = '', escalation, ...more] = text.split('>')
  const placement = parsePlacement(first.trim())
  if (escalation === undefined) return formatPlacement(placement)
  const [to = '', written = '', ...rest] = escalation.split('@')
  const margin = Number(written)
  if (more.length > 0 || rest.length > 0 || !(margin > 0 && margin <= 1)) {
    throw new InvalidInputError(
      `"${text}" is not a choice: write <placement>, or <placement>><placement>@<margin> with a margin above 0 up to 1, as in end/d3>edge/d0@0.51`,
    )
  }
  const share = 0
  return formatChoice({ placement, escalation: { to: parsePlacement(to.trim()), margin, share } })
}

/** The tier whose node others compete for: that of the large variant where there is an escalation. */
export function loadedTier({
  placement,
  escalation,
}: Pick<Choice, 'placement' | 'escalation'>): Tier {
  return (escalation?.to ?? placement).tier
}

/** How many requests the choice is expected to send to the node of its `loadedTier`: 0 at the device itself. */
export function loadOf(choice: Pick<Choice, 'placement' | 'escalation'>): number {
  return loadedTier(choice) === 'end' ? 0 : (choice.escalation?.share ?? 1)
}

/** Indices of the choices that an escalation joins: its first variant alone, and its large one alone. */
export interface Stages {
  readonly first: number
  readonly second: number
}

/**
 * By choice; undefined where there is no escalation. Shape [choices].
 * @throws ConfigError where a stage is not a choice by itself: what it takes would never be known
 */
export function stagesOf(choices: readonly Choice[]): (Stages | undefined)[] {
  const plain = new Map(
    choices.flatMap((choice, index) =>
      choice.escalation ? [] : [[formatPlacement(choice.placement), index] as const],
    ),
  )
  return choices.map((choice) => {
    if (!choice.escalation) return undefined
    const stage = (placement: Placement) => {
      const text = formatPlacement(placement)
      const index = plain.get(text)
      if (index !== undefined) return index
      throw new ConfigError(`${formatChoice(choice)} needs ${text} as a choice of its own: add it`)
    }
    return { first: stage(choice.placement), second: stage(choice.escalation.to) }
  })
}

/** The first of the most accurate. @throws ConfigError where there is none */
export function mostAccurate<Rated extends { readonly accuracyPercent: number }>(
  rated: readonly Rated[],
): Rated {
  const [first, ...rest] = rated
  if (first === undefined) throw new ConfigError('there is no variant: give at least one')
  return rest.reduce(
    (best, one) => (one.accuracyPercent > best.accuracyPercent ? one : best),
    first,
  )
}

/**
 * The action space of the HL paper, section II-B(b): every variant on the device, the most accurate one at the edge and in the cloud.
 * With cascades also each of their points: small first on the device, large there too, and at edge and cloud where they serve it.
 * Shape [variants + 2 + escalations].
 * @param remote what edge and cloud serve; a fleet may serve more there than the paper's
 */
export function choicesOf(
  variants: readonly ({ readonly name: string; readonly accuracyPercent: number } & VariantFacts)[],
  cascades: readonly Cascade[] = [],
  remote: typeof variants = [mostAccurate(variants)],
): Choice[] {
  const choice = (
    tier: Placement['tier'],
    { name, accuracyPercent, megaMacs, bytes, precision }: (typeof variants)[number],
  ): Choice => ({
    placement: { tier, variant: name },
    accuracyPercent,
    ...(megaMacs !== undefined && { megaMacs }),
    ...(bytes !== undefined && { bytes }),
    ...(precision !== undefined && { precision }),
  })
  const fixed = [
    ...variants.map((variant) => choice('end', variant)),
    ...remote.map((variant) => choice('edge', variant)),
    ...remote.map((variant) => choice('cloud', variant)),
  ]
  return [...fixed, ...cascades.flatMap((cascade) => escalations(fixed, cascade))]
}

/** One choice for each point of a cascade and each place that serves its large variant; none where no device may run the small one. */
export function escalations(fixed: readonly Choice[], { small, large, points }: Cascade): Choice[] {
  const first = fixed.find(
    ({ placement }) => placement.tier === 'end' && placement.variant === small,
  )
  if (first === undefined) return []
  const places = fixed.filter(({ placement }) => placement.variant === large)
  return places.flatMap(({ placement: to }) =>
    points.map(({ margin, escalatedPercent, accuracyPercent }) => ({
      ...first,
      accuracyPercent,
      escalation: { to, margin, share: escalatedPercent / 100 },
    })),
  )
}

/** Served by the device itself, whatever becomes of the rest. */
export function isAlone({ placement, escalation }: Choice): boolean {
  return placement.tier === 'end' && escalation === undefined
}

/**
 * Index of the choice that needs no other node and is the most accurate of those: what every device does before anything is
 * learned, and whenever nothing better is known to keep the goal.
 * @throws ConfigError when no choice serves on the device
 */
export function safeChoice(choices: readonly Choice[]): number {
  const local = choices.filter(isAlone)
  if (local.length === 0) {
    const given = choices.map(formatChoice).join(', ')
    throw new ConfigError(`none of the choices ${given || '(none)'} serves on the device: add one`)
  }
  return choices.indexOf(mostAccurate(local))
}

/** The choices that a joint decision stands for; without those it names wrongly. Shape [devices]. */
export function decidedChoices(decision: readonly number[], choices: readonly Choice[]): Choice[] {
  return decision.flatMap((index) => choices[index] ?? [])
}
