/** Learned policies that know more or less of the arrivals, or pay for violations: on one node, beside the one by default. */
import type { Claim, Comparison } from '../report.ts'
import { compared, gainBySeed, OURS, REFERENCES, signed } from './measures.ts'
import { average, meanOf, type Score } from './scores.ts'
import { HINDSIGHT, KNOWLEDGE, PRICED } from './sweep.ts'

const KNOWN = 'what a learned policy knows of the arrivals: points of effective accuracy above'
const PRICE = 'what a violation costs in learning'

const NAMES: Readonly<Record<string, string>> = {
  'learned-no-history': 'nothing but the queue',
  'learned-stacked': 'averages of their rate, and the last four observations',
  'learned-recurrent': 'averages of their rate, and what 16 recurrent units keep',
  'learned-true-rate': 'averages of their rate, and its true value of the moment',
}

/** Nothing of nodes on which they were not run. */
export function variationTables(scores: readonly Score[]): Comparison[] {
  return [...knowledgeTable(scores), ...priceTable(scores)]
}

/** Over the rule and over the one that sees averages, in all workloads and in gamma arrivals. */
function knowledgeTable(scores: readonly Score[]): Comparison[] {
  const names = { [HINDSIGHT]: 'averages of their rate', ...NAMES }
  const rows = [...Object.entries(names), ...REFERENCES.map((policy) => [policy, policy] as const)]
  return rows.flatMap(([policy, known]) =>
    (policy in names ? [OURS, HINDSIGHT] : [OURS]).flatMap((other) =>
      Object.entries(byFamily(scores)).flatMap(([workloads, own]) => {
        const shared = sharedWith(own, KNOWLEDGE)
        const cell = { known, above: `${other}, ${workloads}` }
        return policy === other ? [] : compared(KNOWN, cell, gainBySeed(shared, policy, other))
      }),
    ),
  )
}

function priceTable(scores: readonly Score[]): Comparison[] {
  const policies = [OURS, ...REFERENCES, HINDSIGHT, ...Object.keys(PRICED), 'smallest']
  const own = sharedWith(scores, PRICED)
  return policies.flatMap((policy) => {
    const ofPolicy = own.filter((score) => score.policy === policy)
    const price = priceOf(policy)
    return (
      [
        ['effective accuracy (%)', ({ effectiveAccuracyPercent }) => effectiveAccuracyPercent],
        ['violations (%)', ({ violationPercent }) => violationPercent],
        ['accuracy of answers in time (%)', ({ servedAccuracyPercent }) => servedAccuracyPercent],
      ] as const satisfies readonly (readonly [string, (score: Score) => number | null])[]
    ).flatMap(([measure, number]) =>
      compared(PRICE, { policy: price, '': measure }, meanOf(ofPolicy, number)),
    )
  })
}

function priceOf(policy: string): string {
  const price = policy === HINDSIGHT ? 0 : PRICED[policy]?.violationPrice
  return price === undefined ? policy : `${HINDSIGHT}, a violation costs ${price} answers`
}

/** What knowing more gains, and what a price on violations does. */
export function variationClaims(scores: readonly Score[]): Claim[] {
  return [...knowledgeClaim(scores), ...priceClaim(scores)]
}

function knowledgeClaim(scores: readonly Score[]): Claim[] {
  const gains = Object.entries(NAMES).flatMap(([policy, known]) => {
    const gain = gainBySeed(scores, policy, HINDSIGHT)
    return gain ? [[policy, known, gain.mean] as const] : []
  })
  const told = gains.find(([policy]) => policy === 'learned-true-rate')
  if (told === undefined) return []
  return [
    {
      claim: `What cannot be observed costs a learned policy little, too: to know the true arrival rate gains at most 0.2 points over averages of what came (mobilenet, cpu, 1 worker, deadline twice the largest service time).`,
      measured: gains.map(([, known, gain]) => `${known} ${signed(gain)}`).join('; '),
      holds: told[2] <= 0.2,
    },
  ]
}

function priceClaim(scores: readonly Score[]): Claim[] {
  const own = sharedWith(scores, PRICED)
  const numbers = [HINDSIGHT, ...Object.keys(PRICED)].flatMap((policy) => {
    const ofPolicy = own.filter((score) => score.policy === policy)
    if (ofPolicy.length === 0) return []
    const violations = average(ofPolicy.map(({ violationPercent }) => violationPercent ?? 100))
    const effective = average(ofPolicy.map((score) => score.effectiveAccuracyPercent))
    return [{ price: PRICED[policy]?.violationPrice ?? 0, violations, effective }]
  })
  if (numbers.length < 2) return []
  return [
    {
      claim:
        'Whoever asks for fewer violations gets them: with every step of the price that learning puts on one there are fewer, and the effective accuracy is lower.',
      measured: numbers
        .map(({ price, violations, effective }) => {
          return `price ${price}: ${violations.toFixed(2)} % violations, ${effective.toFixed(2)} % effective accuracy`
        })
        .join('; '),
      holds: numbers.every(({ violations, effective }, index) => {
        const before = numbers[index - 1]
        return !before || (violations < before.violations && effective < before.effective)
      }),
    },
  ]
}

/** Of the nodes and seeds on which these policies were run. */
function sharedWith(scores: readonly Score[], policies: object): Score[] {
  const key = ({ node, seed }: Score) => `${node} ${seed}`
  const shared = new Set(scores.filter(({ policy }) => policy in policies).map(key))
  return scores.filter((score) => shared.has(key(score)))
}

function byFamily(scores: readonly Score[]): Readonly<Record<string, readonly Score[]>> {
  return {
    'all workloads': scores,
    'gamma arrivals': scores.filter(({ family }) => family === 'gamma'),
  }
}

/** Policies that are told more or less than others, or want something else: not for the tables of all. */
export function isVariation({ policy }: Score): boolean {
  return policy in KNOWLEDGE || policy in PRICED
}
