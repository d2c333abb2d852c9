/** `tierwise schedule`: which policy serves a node's requests best, in simulated time, for one's own variants, load and deadline. */
import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { Random } from '../random.ts'
import type { Ladder } from '../scheduling/ladder.ts'
import { DEFAULT_POLICY, POLICY_NAMES } from '../scheduling/policies/create.ts'
import { boundOf, endOf, type PolicyOutcome } from '../simulation/node/policy-outcome.ts'
import type { SimulatedRequest } from '../simulation/node/serving-node.ts'
import type { SimulatedNode } from '../simulation/node/simulate-node.ts'
import { unitRatePerS } from '../simulation/workload/scenarios.ts'
import { formatTrace } from '../simulation/workload/trace-file.ts'
import { exampleFile } from './example-file.ts'
import { interruptible, interruption } from './interrupts.ts'
import { parseInteger, parseNames, parseOutput, parsePositive } from './options.ts'
import { formatBar, Progress } from './progress.ts'
import { describeParameters } from './schedule/arrivals.ts'
import { benchCells, describeCells } from './schedule/bench.ts'
import { bestFixed } from './schedule/best-fixed.ts'
import { prioritiesOf, sharesOf, situationOf, tableOf } from './schedule/description.ts'
import { readLadder } from './schedule/ladder-file.ts'
import { type LoadFlags, withLoadFlags, writePlot } from './schedule/load-flags.ts'
import { BROKEN_OFF, outcomeOf } from './schedule/outcome.ts'
import { readRequests } from './schedule/requests.ts'
import { withTraining } from './schedule/train.ts'

const USUAL_WORKLOAD = 'plateau'
const LADDER_HELP = `variants with accuracy and service times, as in ${exampleFile('schedule/ladder.yaml')}, or what \`tierwise profile --json\` wrote`

interface Flags extends LoadFlags {
  readonly ladder: string
  readonly deadline: number
  readonly workers: number
  readonly saveTrace?: string
  readonly workload?: string
  readonly slowdown: number
  readonly recalibrate: boolean
  readonly seed: number
}

/** `tierwise schedule` */
export function scheduleCommand(): Command {
  return new Command('schedule')
    .addCommand(simulateCommand())
    .addCommand(compareCommand())
    .addCommand(scheduleBenchCommand())
    .addCommand(trainCommand())
}

function simulateCommand(): Command {
  const command = new Command('simulate')
    .description('One policy: how accurate and how punctual it is, and who answered.')
    .option(
      '--policy <name>',
      `${POLICY_NAMES.join(', ')}; or the .json file of a learned one`,
      DEFAULT_POLICY,
    )
  return withNodeAndLoad(command)
    .addHelpText(
      'after',
      examples(
        ['simulate', '--workload plateau --set factor=8 --plot burst.svg'],
        ['simulate', `--policy slack-fit --trace ${exampleFile('schedule/trace.txt')} --json`],
      ),
    )
    .action((flags: Flags & { policy: string }) => schedule([flags.policy], flags))
}

function compareCommand(): Command {
  const command = new Command('compare')
    .description(
      'Several policies on the same requests, and the best that could be done by who knew all of them.',
    )
    .option('--policies <names>', 'separated by commas (default: all without training)', parseNames)
  return withNodeAndLoad(command)
    .addHelpText(
      'after',
      examples(
        ['compare', '--workload gamma --set gapCv=4 --rate 300 --plot gamma.html'],
        ['compare', '--policies slack-fit,anticipating-fit --slowdown 1.2 --workers 4'],
      ),
    )
    .action((flags: Flags & { policies?: string[] }) => schedule(flags.policies, flags))
}

interface BenchFlags {
  readonly ladder: string
  readonly workers: number
  readonly deadlines: readonly number[]
  readonly policies: string[]
  readonly requests: number
  readonly bound: boolean
  readonly seed: number
  readonly json?: boolean
}

function scheduleBenchCommand(): Command {
  return new Command('bench')
    .description(
      'Policies on 48 workloads, the windows of IPA, InfAdapter, Proteus, RAMSIS and Azure among them, beside SlackFit and the best fixed variant in hindsight; loads up to 1 and above apart.',
    )
    .requiredOption('--ladder <file>', LADDER_HELP)
    .option('--workers <number>', 'services at a time', parseInteger(1, 256), 1)
    .option(
      '--deadlines <numbers>',
      'in services of the largest variant, separated by commas',
      (text: string) => parseNames(text).map(parsePositive),
      [1.5, 2, 4],
    )
    .option('--policies <names>', 'separated by commas', parseNames, [
      'uniform-fit-drop',
      DEFAULT_POLICY,
    ])
    .option('--requests <number>', 'of one workload, about', parseInteger(100, 1_000_000), 4000)
    .option('--bound', 'the clairvoyant bound, too (one worker): takes minutes', false)
    .option('--seed <number>', 'of arrivals and service times', parseInteger(0), 1)
    .option('--json', 'print every cell as JSON')
    .action(benchAll)
}

async function benchAll({ deadlines, ladder, json, ...flags }: BenchFlags): Promise<void> {
  const progress = new Progress()
  const cells = await interruptible(async (interrupts) => {
    const { signal } = interrupts
    const onProgress = (share: number, name: string) =>
      progress.update(() => `${formatBar(share)} · ${name}`)
    const options = { ...flags, ladder: await readLadder(ladder), multiples: deadlines }
    const done = await benchCells({ ...options, signal, onProgress })
    if (signal.aborted) process.exitCode = interrupts.exitCode
    return done
  }).finally(() => progress.end())
  if (cells.length === 0) throw interruption(BROKEN_OFF)
  process.stdout.write(json ? `${JSON.stringify(cells)}\n` : describeCells(cells))
}

function trainCommand(): Command {
  const command = new Command('train').description(
    'Learn a policy for this node in simulation, from workloads of many kinds and loads; within a minute for one worker.',
  )
  return withTraining(withNode(command)).addHelpText(
    'after',
    examples(
      ['train', '--out learned.json'],
      ['compare', '--policies slack-fit,anticipating-fit,learned.json --workload gamma'],
    ),
  )
}

function withNode(command: Command): Command {
  return command
    .requiredOption('--ladder <file>', LADDER_HELP)
    .requiredOption('--deadline <ms>', 'of every request, from its arrival', parsePositive)
    .option('--workers <number>', 'services at a time', parseInteger(1, 256), 1)
}

function withNodeAndLoad(command: Command): Command {
  const usual = {
    workload: USUAL_WORKLOAD,
    rate: 'what the workers sustain with the largest variant',
    duration: '60s',
  }
  return withLoadFlags(withNode(command), usual)
    .option('--save-trace <file>', 'write the arrivals in that format', parseOutput)
    .option('--slowdown <factor>', 'true service times ÷ those of the ladder', parsePositive, 1)
    .option('--no-recalibrate', 'plan with the times of the ladder, whatever is measured')
    .option('--seed <number>', 'of arrivals and service times', parseInteger(0), 1)
    .addHelpText('after', `\nParameters of workloads:\n${describeParameters()}`)
}

/** @param names all policies when undefined */
async function schedule(names: readonly string[] | undefined, flags: Flags): Promise<void> {
  const { deadline: deadlineMs, workers, slowdown, recalibrate, seed, plot, json } = flags
  const ladder = await readLadder(flags.ladder)
  const node = { ladder, workers, deadlineMs, slowdown, recalibrate }
  const requests = await requestsFor(flags, ladder)
  // Solved without batches.
  const all = POLICY_NAMES.filter(
    (name) => name !== 'adaptive-smdp' || ladder.batchSizes.length === 1,
  )
  const outcomes = await simulateAll(names ?? all, node, requests, seed)
  const { signal } = new AbortController()
  const fixed = await bestFixed(node, requests, { seed, signal })
  const bound = boundOf(node, requests, seed)
  const durationMs = endOf(requests)
  const table = `${situationOf(node, requests)}\n\n${tableOf(fixed ? [...outcomes, fixed] : outcomes, durationMs, bound)}\n`
  if (plot !== undefined) await writePlot(plot, table, titleOf(flags), ladder, outcomes)
  const result = {
    requests: requests.length,
    durationMs,
    seed,
    bound,
    bestFixed: fixed,
    policies: outcomes,
  }
  const [only] = outcomes.length === 1 ? outcomes : []
  process.stdout.write(
    json
      ? `${JSON.stringify(result)}\n`
      : `${table}${only ? `\n${prioritiesOf(only)}${sharesOf(only)}\n` : ''}`,
  )
}

/** Writes them to a trace, too, if that is asked for. */
async function requestsFor(flags: Flags, ladder: Ladder): Promise<SimulatedRequest[]> {
  const {
    deadline: deadlineMs,
    workers,
    seed,
    set,
    saveTrace,
    workload = USUAL_WORKLOAD,
    ...load
  } = flags
  const largestMs = ladder.variants.at(-1)?.serviceTimesMs[0] as number
  const { rate = unitRatePerS({ workers, largestMs }), duration = 60_000 } = flags
  const requests = await readRequests(
    {
      ...load,
      ...{ ladder, workload, deadlineMs, ratePerS: rate, durationMs: duration },
      ...(set && { parameters: set }),
    },
    new Random(seed).fork('arrivals'),
  )
  if (saveTrace !== undefined) {
    const arrivalsMs = requests.map(({ arrivalMs }) => arrivalMs)
    await writeFile(saveTrace, formatTrace(arrivalsMs, load.traceFormat))
  }
  return requests
}

/** Until interrupted; then what is finished counts. @throws TierwiseError of code `interrupted` when nothing is */
async function simulateAll(
  names: readonly string[],
  node: SimulatedNode,
  requests: readonly SimulatedRequest[],
  seed: number,
): Promise<PolicyOutcome[]> {
  const progress = new Progress()
  const outcomes: PolicyOutcome[] = []
  await interruptible(async (interrupts) => {
    const { signal } = interrupts
    for (const [index, name] of names.entries()) {
      progress.update(() => `${formatBar(index / names.length)} · ${name}`)
      const outcome = await outcomeOf(name, node, requests, { seed, signal })
      if (outcome !== undefined) outcomes.push(outcome)
      if (signal.aborted) break
    }
    if (signal.aborted) process.exitCode = interrupts.exitCode
  }).finally(() => progress.end())
  if (outcomes.length > 0) return outcomes
  throw interruption(BROKEN_OFF)
}

function titleOf({ trace, workload, workers, deadline: deadlineMs }: Flags): string {
  const load = trace ?? workload ?? USUAL_WORKLOAD
  return `Request scheduling: ${load}, deadline ${deadlineMs} ms, ${workers} ${workers === 1 ? 'worker' : 'workers'}`
}

function examples(...all: readonly (readonly [command: string, flags: string])[]): string {
  const ladder = exampleFile('schedule/ladder.yaml')
  const lines = all.map(
    ([command, flags]) =>
      `  tierwise schedule ${command} --ladder ${ladder} --deadline 20 ${flags}\n`,
  )
  return `\nExamples:\n${lines.join('')}`
}
