/** Hybrid in every mode, regime and feedback: each is held to what every agent promises. */

import {
  agreement,
  delayedCost,
  goalCliff,
  sharedEdge,
  stateDependentCost,
} from '../../trial/conformance/probe-worlds.ts'
import { createOnnxEngine } from '../nn/onnx-engine.ts'
import { referenceEngine } from '../nn/reference-engine.ts'
import { describeAgent } from './agent.conformance.ts'
import { HybridAgent } from './hybrid.ts'
import type { HybridOptions } from './hybrid-options.ts'
import { HYBRID } from './hyperparameters.ts'

const engine = createOnnxEngine() ?? referenceEngine
/** What the probes of looking ahead, of couplings and of states need. */
const WHOLE = { ...HYBRID, batchSize: 32 }
/** A fifth of the time: what is asked of every variant is not how fast it learns. */
const SMALL = { ...WHOLE, hidden: 16, batchSize: 16 }

interface Variant {
  readonly name: string
  readonly options?: Partial<HybridOptions>
  readonly notApplicable: Readonly<Record<string, string>>
}

const unsolved = (reason: string) => ({
  [stateDependentCost.name]: reason,
  [sharedEdge.name]: reason,
  [agreement.name]: reason,
  [delayedCost.name]: reason,
  [goalCliff.name]: reason,
})

const VARIANTS: readonly Variant[] = [
  { name: 'hybrid', options: { hyperparameters: WHOLE }, notApplicable: {} },
  {
    name: 'hybrid of the penalty',
    options: { regime: 'penalty', hyperparameters: WHOLE },
    notApplicable: {
      [stateDependentCost.name]: 'as in the exact regime, where no goal is set',
      [delayedCost.name]: 'as in the exact regime, where no goal is set',
    },
  },
  {
    name: 'hybrid, repaired',
    options: { mode: 'repaired' },
    notApplicable: unsolved('what it plans by is only as good as the System Model'),
  },
  {
    name: 'hybrid, literal',
    options: { mode: 'literal' },
    notApplicable: unsolved('D_plan keeps first predictions for ever'),
  },
  {
    name: 'hybrid, literal, of the penalty',
    options: { mode: 'literal', regime: 'penalty' },
    notApplicable: unsolved('D_plan keeps first predictions for ever'),
  },
  {
    name: 'hybrid by every device',
    options: { feedback: 'per-device' },
    notApplicable: {
      [stateDependentCost.name]: 'too small here',
      [agreement.name]: 'devices meet only on shared tiers in what it takes from single responses',
    },
  },
]

for (const { name, options = {}, notApplicable = {} } of VARIANTS) {
  describeAgent({
    name,
    engine,
    meetsGoal: options.regime !== 'penalty',
    learns: true,
    create: ({ problem, discount }, seed, ownEngine) =>
      new HybridAgent(problem, {
        seed,
        engine: ownEngine,
        ...options,
        hyperparameters: { ...(options.hyperparameters ?? SMALL), discount },
      }),
    notApplicable,
  })
}
