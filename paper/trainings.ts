/** Runs that are trainings of one agent in the simulated fleet (`src/trial/`), and what several experiments ask of them. */
import { processorClock } from '../src/clock.ts'
import { type TrainingSettings, train } from '../src/trial/training.ts'
import type { TrainingResult } from '../src/trial/training-result.ts'
import type { Experiment, Run, RunContext } from './experiment.ts'

/** One agent, trained once. */
export type Training = Run<TrainingSettings, TrainingResult>
/** Whose runs are trainings. */
export type TrainingExperiment = Experiment<TrainingSettings, TrainingResult>

/** What experiments of trainings have in common. */
export const TRAINING: Pick<TrainingExperiment, 'label' | 'run'> = {
  label({ agent, regime, mode, feedback, overrides = {}, scenario, users, goal, seed }) {
    const chosen = Object.entries(overrides).map(([name, value]) => `${name}=${value}`)
    const learner = [agent, regime, mode, feedback, ...chosen].filter(Boolean).join(' ')
    return { kind: `${learner} ${users} users`, cell: `${scenario} ${goal} % seed ${seed}` }
  },
  run: (settings, context) => train(settings, optionsOf(context)),
}

/** Of a training in an experiment: told step by step, timed by the processor's clock. */
export function optionsOf({ signal, onProgress }: RunContext) {
  return { clock: processorClock, signal, onStep: (step: number) => onProgress(`step ${step}`) }
}

/** Real steps to convergence; infinitely many where the run does not show any. Shape [runs]. */
export function stepCounts(runs: readonly Training[]): number[] {
  return runs.map(({ result }) => (result.converged ? result.realSteps : Number.POSITIVE_INFINITY))
}

/** Whether the final decision meets the goal. */
export function meetsGoal({ settings, result }: Training): boolean {
  return result.accuracyPercent >= settings.goal - 1e-9
}

/** By how much the final decision is slower than the optimum, percent. */
export function gapPercent({ result }: Training): number {
  return (result.responseTimeMs / result.oracleResponseTimeMs - 1) * 100
}

/** Optimal by value: several decisions tie. */
export function isOptimal(run: Training): boolean {
  const { responseTimeMs, oracleResponseTimeMs } = run.result
  return meetsGoal(run) && responseTimeMs <= 1.01 * oracleResponseTimeMs
}
