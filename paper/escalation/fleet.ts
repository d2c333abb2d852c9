/** The fleets of this experiment: five devices, one edge and the cloud by the law of the HL paper, with a ladder that was trained. */
import { readFileSync } from 'node:fs'
import {
  type Cascade,
  type Choice,
  choicesOf,
  loadedTier,
  mostAccurate,
} from '../../src/fleet/choice.ts'
import type { World } from '../../src/simulation/world.ts'
import { D0_MEGA_MACS, paperWorld } from '../../src/simulation/worlds/paper-world.ts'
import type { EscalationSettings, Strategy } from './settings.ts'

interface LadderVariant {
  readonly name: string
  /** On the test pictures. */
  readonly accuracyPercent: number
  readonly precision: 'FP32' | 'INT8'
  readonly megaMacs: number
  /** One inference in ONNX Runtime on one thread, median. */
  readonly inferenceMicroseconds: number
}

/** Those of models/fashion/catalogue.yaml, written by ladder.mjs: thresholds picked on held-out pictures, all measured on the test pictures. */
export const LADDER: {
  readonly variants: readonly LadderVariant[]
  readonly cascades: readonly Cascade[]
} = JSON.parse(readFileSync(new URL('./ladder.json', import.meta.url), 'utf8'))

/** It takes the time of the paper's d0. */
const LARGEST = LADDER.variants.reduce((one, other) =>
  other.megaMacs > one.megaMacs ? other : one,
)

const DEVICES = 5
/** How much of FP32's time INT8 takes on the paper's devices. */
const INT8_SHARE = 0.332 / 0.714
/** Of small devices: the largest variants that they hold have so many million multiply-accumulates. */
const SMALL_MEGA_MACS = 0.6
const SLOW_FACTOR = 4

/** More for every request that leaves the device. The paper's table shows 77 ms of weak links; 23 are an assumption. */
const LEG_MS = { A: 23, D: 77 } as const

/** The fleet and all it may do under a strategy. */
export function worldOf({ strategy, fleet, speeds, scenario }: EscalationSettings): World {
  const variants = LADDER.variants.map((variant) => timed(variant, speeds))
  const remote = fleet === 'paper' ? undefined : variants
  const choices = choicesOf(variants, LADDER.cascades, remote).filter(
    (choice) => isAllowed(choice, strategy) && (fleet !== 'small devices' || isSmall(choice)),
  )
  const world = paperWorld({ devices: DEVICES, scenario: 'A', choices, delivery: 'pushed' })
  return slowed(world, LEG_MS[scenario], fleet === 'slow devices' ? SLOW_FACTOR : 1)
}

/** Lowest average accuracy, percent. */
export function goalPercentOf({ goal }: EscalationSettings): number {
  if (goal !== 'top − 0.2') return Number(goal)
  return Math.round(100 * (mostAccurate(LADDER.variants).accuracyPercent - 0.2)) / 100
}

/** A variant of the paper's kind that takes as long: its law knows multiply-accumulates of FP32 alone. */
function timed(variant: LadderVariant, speeds: EscalationSettings['speeds']) {
  const { name, accuracyPercent, precision, megaMacs, inferenceMicroseconds } = variant
  const counted = (megaMacs / LARGEST.megaMacs) * (precision === 'INT8' ? INT8_SHARE : 1)
  const measured = inferenceMicroseconds / LARGEST.inferenceMicroseconds
  const share = speeds === 'counted' ? counted : measured
  return { name, accuracyPercent, megaMacs: D0_MEGA_MACS * share, precision: 'FP32' as const }
}

function isAllowed(choice: Choice, strategy: Strategy): boolean {
  if (!choice.escalation || strategy === 'everywhere') return true
  return strategy === 'device' && loadedTier(choice) === 'end'
}

/** Whether small devices hold what the choice asks of them. */
function isSmall({ placement, escalation }: Choice): boolean {
  const held = [placement, ...(escalation ? [escalation.to] : [])].filter(
    ({ tier }) => tier === 'end',
  )
  return held.every(({ variant }) => {
    const megaMacs = LADDER.variants.find(({ name }) => name === variant)?.megaMacs ?? 0
    return megaMacs <= SMALL_MEGA_MACS
  })
}

/** Its legs longer, its devices slower. */
function slowed(world: World, legMs: number, factor: number): World {
  return {
    ...world,
    times: (state) => {
      const { own, curvesMs } = world.times(state)
      const times = own.map((row) =>
        row.map(({ computeMs, linkMs }, choice) =>
          world.choices[choice]?.placement.tier === 'end'
            ? { computeMs: computeMs * factor, linkMs }
            : { computeMs, linkMs: linkMs + legMs },
        ),
      )
      return { own: times, curvesMs }
    },
  }
}
