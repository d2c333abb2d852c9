import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import type { DeviceDecision } from '../control/messages.ts'
import type { Placement } from '../fleet/placement.ts'
import type { NewestRound } from '../orchestration/decision-board.ts'
import type { Orchestrator } from '../orchestration/orchestrator-options.ts'
import { cloudMetrics } from './cloud-metrics.ts'

const explanation = { responseTimeMs: 80, lowerBoundMs: 76, gapPercent: 5, inForce: true }

const newest: NewestRound = {
  closed: {
    round: 7,
    agent: 'factored',
    goalPercent: 85,
    placements: {},
    responseTimesMs: {},
    responseTimeMs: 100,
    accuracyPercent: 86,
    violated: false,
  },
  note: { progress: { realSteps: 7, plannedSteps: 70, updates: 9 }, explanation },
}

const placements: Readonly<Record<string, Placement>> = {
  dev1: { tier: 'end', variant: 'd3' },
  dev2: { tier: 'end', variant: 'd3' },
  dev3: { tier: 'cloud', variant: 'd0' },
}

function decisionFor(device: string): DeviceDecision | undefined {
  const placement = placements[device]
  const terms = { session: 's', epoch: 1, round: 7, device, fallbackAccuracyPercent: 0 }
  return placement && { ...terms, placement }
}

const orchestrator: Orchestrator = {
  isDeciding: true,
  session: 's',
  counts: {
    closedRounds: 7,
    goalViolations: 1,
    exploredRounds: 2,
    missingAnswers: 3,
    ignoredReports: 4,
  },
  newest,
  knownNodes: new Map([
    ['edge', { tier: 'edge', isUp: false }],
    ['dev1', { tier: 'end', isUp: true }],
    ['dev2', { tier: 'end', isUp: true }],
  ]),
  inForce: { goalPercent: 85, agent: 'factored', reverted: 'asked for' },
  explanation,
  answers: { heard: 50, dropped: 5 },
  served: { requests: 60, accuracyPercent: 85.5, windowSeconds: 60 },
  deviceGoals: {
    dev1: {
      goalPercent: 88,
      served: { requests: 12, accuracyPercent: 88.5, windowSeconds: 60 },
    },
    dev2: { goalPercent: 80 },
  },
  devices: ['dev1', 'dev2', 'dev3', 'dev4'],
  accuracy: { labelled: 0, right: 0, devices: {} },
  reasons: { of: async () => undefined, bestFixed: async () => undefined },
  currentDecision: decisionFor,
  stop: async () => {},
}

async function linesOf(known: Orchestrator | undefined): Promise<string[]> {
  const registry = new Registry()
  cloudMetrics(registry, () => ({ orchestrator: known, broker: known && { connections: 9 } }))
  return (await registry.metrics()).split('\n')
}

it('tells of goal, rounds, agent and broker', async () => {
  const lines = await linesOf(orchestrator)
  for (const line of [
    'tierwise_orchestrator_deciding 1',
    'tierwise_goal_accuracy_percent 85',
    'tierwise_reverted 1',
    'tierwise_device_goal_accuracy_percent{device="dev1"} 88',
    'tierwise_device_goal_accuracy_percent{device="dev2"} 80',
    'tierwise_device_served_accuracy_percent{device="dev1"} 88.5',
    'tierwise_fleet_served_accuracy_percent 85.5',
    'tierwise_fleet_served_requests 60',
    'tierwise_node_up{node="edge",tier="edge"} 0',
    'tierwise_node_up{node="dev2",tier="end"} 1',
    'tierwise_nodes{tier="end"} 2',
    'tierwise_nodes{tier="edge"} 0',
    'tierwise_rounds_total 7',
    'tierwise_goal_violations_total 1',
    'tierwise_missing_answers_total 3',
    'tierwise_ignored_reports_total 4',
    'tierwise_decided_devices{tier="end",variant="d3"} 2',
    'tierwise_decided_devices{tier="cloud",variant="d0"} 1',
    'tierwise_round_response_seconds 0.1',
    'tierwise_agent_info{agent="factored"} 1',
    'tierwise_agent_steps_total{kind="real"} 7',
    'tierwise_agent_steps_total{kind="planned"} 70',
    'tierwise_agent_updates_total 9',
    'tierwise_agent_dropped_answers_total 5',
    'tierwise_explored_rounds_total 2',
    'tierwise_predicted_response_seconds 0.08',
    'tierwise_response_bound_seconds 0.076',
    // 100 ms where 80 were predicted.
    'tierwise_prediction_gap_ratio 0.25',
    'tierwise_broker_connections 9',
  ]) {
    expect(lines).toContain(line)
  }
})

it('compares no round that explores with what was predicted of another decision', async () => {
  const exploring = { ...explanation, inForce: false }
  const lines = await linesOf({
    ...orchestrator,
    newest: { ...newest, note: { ...newest.note, explanation: exploring } },
  })
  expect(lines.join('\n')).not.toMatch(/^tierwise_prediction_gap_ratio/m)
  expect(lines).toContain('tierwise_predicted_response_seconds 0.08')
})

it('names the kind of agent, not what each device was told', async () => {
  const agent = 'fixed:end/d3,edge/d0'
  const lines = await linesOf({ ...orchestrator, inForce: { goalPercent: 85, agent } })
  expect(lines).toContain('tierwise_agent_info{agent="fixed"} 1')
  expect(lines).toContain('tierwise_reverted 0')
})

it('names 256 nodes at most, and counts all', async () => {
  const names = Array.from({ length: 1000 }, (_, node) => `n${node}`)
  const knownNodes = new Map(names.map((name) => [name, { tier: 'end', isUp: true } as const]))
  const lines = await linesOf({ ...orchestrator, knownNodes })
  expect(lines.filter((line) => line.startsWith('tierwise_node_up{'))).toHaveLength(256)
  expect(lines).toContain('tierwise_nodes{tier="end"} 1000')
})

it('has no samples before the orchestrator runs', async () => {
  expect((await linesOf(undefined)).join('\n')).not.toMatch(/^tierwise/m)
})
