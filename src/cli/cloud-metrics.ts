/** What the cloud node tells Prometheus beside its own: the goal, the rounds, the agent and the fleet. */
import type { Registry } from 'prom-client'
import type { Broker } from '../control/broker.ts'
import { TIERS, type Tier } from '../fleet/placement.ts'
import {
  flag,
  inSeconds,
  type Labels,
  type Samples,
  ScrapedMetrics,
  series,
} from '../node/scraped-metrics.ts'
import type { Orchestrator } from '../orchestration/orchestrator-options.ts'

/** What runs in the cloud node; either may not run yet, or elsewhere. */
export interface CloudParts {
  readonly orchestrator: Orchestrator | undefined
  readonly broker: Pick<Broker, 'connections'> | undefined
}

/** Adds the orchestrator's metrics and the broker's to the node's. */
export function cloudMetrics(registry: Registry, parts: () => CloudParts): void {
  const metrics = new ScrapedMetrics(registry)
  const orchestrator = () => parts().orchestrator
  goalMetrics(metrics, orchestrator)
  deviceGoalMetrics(metrics, orchestrator)
  fleetMetrics(metrics, orchestrator)
  roundMetrics(metrics, orchestrator)
  agentMetrics(metrics, orchestrator)
  metrics.gauge(
    'broker_connections',
    'Open connections of the embedded broker, browsers included.',
    () => parts().broker?.connections,
  )
}

type Read = () => Orchestrator | undefined

/** Named one by one up to so many: of a larger fleet the rest is counted by tier alone. */
const MAX_NAMED = 256

/** The first, by name. */
function named<Value>(of: Iterable<readonly [string, Value]>): (readonly [string, Value])[] {
  return [...of].sort(([one], [other]) => (one < other ? -1 : 1)).slice(0, MAX_NAMED)
}

function goalMetrics(metrics: ScrapedMetrics, read: Read): void {
  metrics.gauge(
    'orchestrator_deciding',
    'Whether this orchestrator decides: 0 while one of a higher epoch does.',
    () => flag(read()?.isDeciding),
  )
  metrics.gauge(
    'goal_accuracy_percent',
    'The goal in force: least average accuracy.',
    () => read()?.inForce.goalPercent,
  )
  metrics.gauge('reverted', 'Whether a fixed rule is in force in the place of the agent.', () => {
    const known = read()
    return known && flag(known.inForce.reverted !== undefined)
  })
  metrics.gauge(
    'fleet_served_accuracy_percent',
    'Average over the requests answered in the last minute, whole fleet.',
    () => read()?.served?.accuracyPercent,
  )
  metrics.gauge(
    'fleet_served_requests',
    'Requests answered in the last minute, whole fleet.',
    () => {
      const known = read()
      return known && (known.served?.requests ?? 0)
    },
  )
}

function deviceGoalMetrics(metrics: ScrapedMetrics, read: Read): void {
  const goals = () => named(Object.entries(read()?.deviceGoals ?? {}))
  const whose = `Of devices that have a goal of their own, the first ${MAX_NAMED} by name.`
  metrics.gauge(
    'device_goal_accuracy_percent',
    `The least average accuracy that a device asks for its own requests. ${whose}`,
    () => goals().map(([device, { goalPercent }]) => [{ device }, goalPercent]),
    ['device'],
  )
  metrics.gauge(
    'device_served_accuracy_percent',
    `Average over the requests of a device answered in the last minute. ${whose}`,
    () =>
      goals().flatMap(([device, { served }]) =>
        served ? [[{ device }, served.accuracyPercent] as const] : [],
      ),
    ['device'],
  )
}

function fleetMetrics(metrics: ScrapedMetrics, read: Read): void {
  metrics.gauge(
    'node_up',
    `Whether a node of the fleet lives; 0 from its death until it is back. The first ${MAX_NAMED} by name.`,
    () => {
      const nodes = named(read()?.knownNodes ?? [])
      return nodes.map(([node, { tier, isUp }]) => [{ node, tier }, Number(isUp)])
    },
    ['node', 'tier'],
  )
  metrics.gauge(
    'nodes',
    'Nodes of the fleet that live.',
    () => {
      const nodes = read()?.knownNodes
      const alive = (tier: Tier) =>
        [...(nodes?.values() ?? [])].filter((node) => node.isUp && node.tier === tier).length
      return nodes && series('tier', ...TIERS.map((tier) => [tier, alive(tier)] as const))
    },
    ['tier'],
  )
}

function roundMetrics(metrics: ScrapedMetrics, read: Read): void {
  const counts = () => read()?.counts
  metrics.counter('rounds_total', 'Rounds that closed.', () => counts()?.closedRounds)
  metrics.counter(
    'goal_violations_total',
    'Rounds whose served average accuracy was below the goal in force.',
    () => counts()?.goalViolations,
  )
  metrics.counter(
    'missing_answers_total',
    'Answers that did not come in time, one for each device and round.',
    () => counts()?.missingAnswers,
  )
  metrics.counter(
    'ignored_reports_total',
    'Reports of an unknown session, round or device.',
    () => counts()?.ignoredReports,
  )
  metrics.gauge(
    'decided_devices',
    'Devices by the placement that their decision in force names.',
    () => decidedDevices(read()),
    ['tier', 'variant'],
  )
  metrics.gauge('round_response_seconds', 'Average response time of the newest round.', () =>
    inSeconds(read()?.newest?.closed.responseTimeMs),
  )
}

/** The series are those of tiers and variants, however many devices there are. */
function decidedDevices(orchestrator: Orchestrator | undefined): Samples {
  const devices = new Map<string, { readonly labels: Labels; count: number }>()
  for (const device of orchestrator?.devices ?? []) {
    const { tier, variant } = orchestrator?.currentDecision(device)?.placement ?? {}
    if (tier === undefined || variant === undefined) continue
    const key = `${tier}/${variant}`
    const known = devices.get(key) ?? { labels: { tier, variant }, count: 0 }
    known.count += 1
    devices.set(key, known)
  }
  return [...devices.values()].map(({ labels, count }) => [labels, count])
}

function agentMetrics(metrics: ScrapedMetrics, read: Read): void {
  const progress = () => read()?.newest?.note.progress
  metrics.gauge(
    'agent_info',
    'The kind of agent in force.',
    () => {
      const [kind] = read()?.inForce.agent.split(':') ?? []
      return kind === undefined ? undefined : series('agent', [kind, 1])
    },
    ['agent'],
  )
  metrics.counter(
    'agent_steps_total',
    'What the agent has learned from: real rounds and answers, or planned ones.',
    () => {
      const known = progress()
      return known && series('kind', ['real', known.realSteps], ['planned', known.plannedSteps])
    },
    ['kind'],
  )
  metrics.counter('agent_updates_total', 'Training steps of the agent.', () => progress()?.updates)
  metrics.counter(
    'agent_dropped_answers_total',
    'Single answers that came faster than the agent could learn from them.',
    () => read()?.answers.dropped,
  )
  metrics.counter(
    'explored_rounds_total',
    'Rounds in which the agent tried another decision than the best it knew.',
    () => read()?.counts.exploredRounds,
  )
  const explained = () => read()?.newest?.note.explanation
  metrics.gauge('predicted_response_seconds', 'What the agent predicts of its best decision.', () =>
    inSeconds(explained()?.responseTimeMs),
  )
  metrics.gauge(
    'response_bound_seconds',
    'What no decision that meets the goal goes below, by the agent.',
    () => inSeconds(explained()?.lowerBoundMs),
  )
  metrics.gauge(
    'prediction_gap_ratio',
    'By how much the newest round took longer than predicted; none of rounds that explore.',
    () => predictionGap(read()),
  )
}

function predictionGap(orchestrator: Orchestrator | undefined): Samples {
  const { closed, note } = orchestrator?.newest ?? {}
  const { explanation } = note ?? {}
  if (!closed || !explanation?.inForce || explanation.responseTimeMs <= 0) return undefined
  return closed.responseTimeMs / explanation.responseTimeMs - 1
}
