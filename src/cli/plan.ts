/** `tierwise plan`: the best joint decision of a fleet whose times are known, with a proof or a bound. */
import { Command } from 'commander'
import { formatChoice, loadedTier } from '../fleet/choice.ts'
import type { FleetProblem } from '../learning/planner/measured-fleet.ts'
import { plan } from '../learning/planner/plan.ts'
import type { Plan } from '../learning/planner/problem.ts'
import { responseTimesOf } from '../learning/planner/response-times.ts'
import { exampleFile } from './example-file.ts'
import { parseGoal } from './options.ts'
import { readFleetFile } from './plan/fleet-file.ts'
import { textTable } from './table.ts'

/** Devices that are listed for people. */
const MOST_ROWS = 100

interface Flags {
  readonly profile: string
  readonly goal: number
  readonly json?: boolean
}

/** `tierwise plan` */
export function planCommand(): Command {
  return new Command('plan')
    .requiredOption(
      '--profile <file>',
      `the fleet and its measured times; see ${exampleFile('plan/fleet.yaml')}`,
    )
    .option('--goal <percent>', 'lowest average accuracy', parseGoal, 85)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `\nExample:\n  tierwise plan --profile ${exampleFile('plan/fleet.yaml')} --goal 85`,
    )
    .action(planFleet)
}

async function planFleet({ profile, goal, json }: Flags): Promise<void> {
  const fleet = await readFleetFile(profile, goal)
  const planned = plan(fleet.problem)
  const placed = placements(fleet, planned)
  process.stdout.write(
    json ? `${JSON.stringify(asJson(goal, planned, placed))}\n` : describe(goal, planned, placed),
  )
}

interface Placed {
  readonly device: string
  readonly placement: string
  /** How many of 100 requests go on to the large variant, where they may. */
  readonly escalatedPercent?: number
  /** `cloud`, the name of an edge, or nothing at the device itself. */
  readonly node?: string
  readonly accuracyPercent: number
  readonly responseTimeMs: number
}

function placements(
  { problem, deviceNames, edgeNames }: FleetProblem,
  { decision }: Plan,
): Placed[] {
  const responseTimesMs = responseTimesOf(problem, decision)
  return decision.flatMap((index, device) => {
    const choice = problem.choices[index]
    if (!choice) return []
    const { escalation, accuracyPercent } = choice
    const tier = loadedTier(choice)
    const edge = edgeNames[problem.edgeOf[device] ?? -1]
    const node = tier === 'edge' ? edge : tier === 'cloud' ? 'cloud' : undefined
    return {
      device: deviceNames[device] ?? '',
      placement: formatChoice(choice),
      ...(escalation && { escalatedPercent: 100 * escalation.share }),
      ...(node && { node }),
      accuracyPercent,
      responseTimeMs: responseTimesMs[device] ?? Number.NaN,
    }
  })
}

function asJson(goal: number, planned: Plan, devices: readonly Placed[]): unknown {
  const { decision: _, prices: __, ...certified } = planned
  return { goal, ...certified, devices }
}

/** @returns lines of text, the last one ended */
function describe(goal: number, planned: Plan, devices: readonly Placed[]): string {
  const { responseTimeMs, lowerBoundMs, gap, accuracyPercent, proven } = planned
  const certificate = proven
    ? 'proven: no decision that meets the goal is faster'
    : `at most ${(100 * gap).toPrecision(2)} % above the best: no decision that meets the goal is below ${lowerBoundMs.toFixed(2)} ms`
  const users = new Map<string, number>()
  for (const { node, escalatedPercent = 100 } of devices) {
    if (node) users.set(node, (users.get(node) ?? 0) + escalatedPercent / 100)
  }
  const rows = devices
    .slice(0, MOST_ROWS)
    .map(({ device, placement, node = '', responseTimeMs: ms, accuracyPercent: percent }) => [
      device,
      placement,
      node,
      `${percent.toFixed(1)} %`,
      `${ms.toFixed(1)} ms`,
    ])
  return [
    textTable(['device', 'placement', 'node', 'accuracy', 'response time'], rows),
    devices.length > MOST_ROWS
      ? `and ${devices.length - MOST_ROWS} more devices: --json lists all\n`
      : '',
    `goal           ${goal} %`,
    `accuracy       ${accuracyPercent.toFixed(2)} %`,
    `response time  ${responseTimeMs.toFixed(2)} ms on average, ${certificate}`,
    `users          ${[...users].map(([node, count]) => `${node} ${Number(count.toFixed(2))}`).join(', ') || 'every device serves itself'}`,
    '',
  ].join('\n')
}
