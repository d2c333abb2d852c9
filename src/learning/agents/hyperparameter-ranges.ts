/** Which values of a hyperparameter mean something: a size of 0 or a negative rate would crash, hang or learn nothing. */

interface Range {
  readonly accepts: (value: number) => boolean
  /** What to give instead. */
  readonly remedy: string
}

const whole = (low: number, high: number): Range => ({
  accepts: (value) => Number.isInteger(value) && value >= low && value <= high,
  remedy: `a whole number from ${low} to ${high}`,
})

/** Steps, sessions, updates: as many as the longest run has. */
const COUNT = whole(1, 10_000_000)
/** Units and rows, which take memory. */
const SIZE = whole(1, 10_000)
const NOT_NEGATIVE: Range = { accepts: (value) => value >= 0, remedy: 'a number from 0' }
const POSITIVE: Range = { accepts: (value) => value > 0, remedy: 'a number above 0' }
const SHARE: Range = {
  accepts: (value) => value >= 0 && value <= 1,
  remedy: 'a number from 0 to 1',
}
const BELOW_ONE: Range = {
  accepts: (value) => value >= 0 && value < 1,
  remedy: 'a number from 0 to below 1',
}
const PROBABILITY_ABOVE_ZERO: Range = {
  accepts: (value) => value > 0 && value <= 1,
  remedy: 'a number above 0, at most 1',
}
const YES_OR_NO: Range = {
  accepts: (value) => value === 0 || value === 1,
  remedy: '0 for no or 1 for yes',
}

/** By the last part of the path; what is not listed may be any number from 0. */
const RANGES: ReadonlyMap<string, Range> = new Map([
  ...named(COUNT, ['steps', 'epochs', 'directSessions', 'directSteps', 'scaleSteps', 'scaleRows']),
  ...named(COUNT, ['directUpdates', 'worldSessions', 'suggestSteps', 'candidates']),
  ...named(COUNT, ['mostStates', 'replayCapacity']),
  ...named(COUNT, ['warmUpSteps', 'updatesPerStep', 'greedyRefreshSteps', 'targetRefreshSteps']),
  ...named(COUNT, ['exploreSteps', 'firstUpdates', 'refitSteps', 'refitUpdates']),
  ...named(whole(0, 10_000), ['suggestSessions', 'planSessions', 'draws', 'doubts']),
  ...named(SIZE, ['batchSize', 'hidden', 'stateHidden']),
  ...named(POSITIVE, ['learningRate', 'learningRateHalfLife', 'weightDecayHalfLife']),
  ...named(POSITIVE, ['scaledMean', 'scaledLimit', 'huberDelta', 'regularization']),
  ...named(POSITIVE, [
    'base',
    'choice',
    'own',
    'occupancy',
    'state',
    'noise',
    'noiseRows',
    'leastNoise',
  ]),
  ...named(POSITIVE, ['memory', 'clip']),
  ...named(SHARE, ['epsilon', 'first', 'last', 'drawShare']),
  ...named(BELOW_ONE, ['discount', 'policyAverageDecay', 'systemAverageDecay', 'confidence']),
  ...named(whole(0, 1_000_000_000), ['measuredOn']),
  ...named(PROBABILITY_ABOVE_ZERO, ['above', 'below', 'exploreBelow']),
])

function named(range: Range, names: readonly string[]): [string, Range][] {
  return names.map((name) => [name, range])
}

/**
 * @param path of the hyperparameter, parts joined by dots
 * @param current the value that it has, for its type; it may always be used
 * @returns what to give instead; undefined where the value may be used
 */
export function remedyFor(path: string, current: unknown, value: number): string | undefined {
  if (value === current) return undefined
  const name = path.split('.').at(-1) ?? ''
  const range = typeof current === 'boolean' ? YES_OR_NO : (RANGES.get(name) ?? NOT_NEGATIVE)
  return Number.isFinite(value) && range.accepts(value) ? undefined : range.remedy
}
