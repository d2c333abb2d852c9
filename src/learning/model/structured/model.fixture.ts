/** A fleet with the HL paper's choices, and what it tells a structured model. Used by tests alone. */
import { allAvailable } from '../../environment/availability.ts'
import type { Decision, Problem, State, Transition } from '../../environment/environment.ts'
import { observeRound } from './learning.ts'
import { planningInput, type View } from './planning-input.ts'
import type { StructuredModel } from './structured-model.ts'

const ACCURACIES = [89.9, 88.2, 84.9, 74.2, 88.9, 87, 83.2, 72.8]
/** Choices 0 to 7 are served by the device itself. */
export const EDGE = 8
export const CLOUD = 9
export const CHOICES = 10

export function problemOf(devices: number, edges = 1, more: Partial<Problem> = {}): Problem {
  return {
    devices,
    stateSize: 3 * (devices + edges + 1),
    choices: [
      ...ACCURACIES.map((accuracyPercent, index) => ({
        placement: { tier: 'end' as const, variant: `d${index}` },
        accuracyPercent,
      })),
      { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 89.9 },
      { placement: { tier: 'cloud', variant: 'd0' }, accuracyPercent: 89.9 },
    ],
    ...more,
  }
}

/** @param busy nodes (devices, edges, cloud) whose processor is as loaded as may be @param weak those whose link is weak */
export function stateOf(
  problem: Problem,
  busy: readonly number[] = [],
  weak: readonly number[] = [],
): State {
  const features = new Float32Array(problem.stateSize)
  for (const node of busy) features[3 * node] = 1
  for (const node of weak) features[3 * node + 2] = 1
  return { features, goalPercent: 0, available: allAvailable(problem) }
}

export function transitionOf(
  { problem }: StructuredModel,
  decision: Decision,
  responseTimesMs: readonly number[],
  state = stateOf(problem),
): Transition {
  const accuracyPercent = decision.map((choice) => problem.choices[choice]?.accuracyPercent ?? 0)
  return { state, decision, outcome: { state, responseTimesMs, accuracyPercent, cost: 0 } }
}

/** Learns so many equal rounds, as an agent does. */
export function observe(
  model: StructuredModel,
  times: number,
  decision: Decision,
  responseTimesMs: readonly number[],
  state?: State,
): void {
  for (let i = 0; i < times; i++) {
    model.knowledge.round += 1
    observeRound(model, transitionOf(model, decision, responseTimesMs, state))
  }
}

/** What is planned with for one choice of one device, alone on its node. */
export function plannedMs(
  model: StructuredModel,
  device: number,
  choice: number,
  view: View,
  state = stateOf(model.problem),
): number {
  const input = planningInput(model, state, view, true)
  const own = input.ownTimesMs[device * CHOICES + choice] ?? Number.NaN
  const edge = input.edgeOf[device] ?? 0
  const [node] =
    (choice === EDGE ? input.edgeCurvesMs[edge] : choice === CLOUD ? input.cloudCurveMs : [0]) ?? []
  return own + (node ?? 0)
}

/** The same as it is believed to be. */
export function believedMs(
  model: StructuredModel,
  device: number,
  choice: number,
  state?: State,
): number {
  return plannedMs(model, device, choice, { kind: 'expected' }, state)
}
