/** `tierwise schedule train`: learns a policy for one's own node in simulation, and writes it to a file. */
import { writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { Random } from '../../random.ts'
import {
  createTraining,
  defaultTrainer,
  TRAINER_NAMES,
  type TrainerName,
} from '../../scheduling/learned/create.ts'
import { isLeftToRule } from '../../scheduling/learned/lead.ts'
import { USUAL_MIX } from '../../scheduling/learned/mixture.ts'
import {
  type LearnedNetwork,
  parseLearnedNetwork,
} from '../../scheduling/learned/network/learned-network.ts'
import { runTraining } from '../../scheduling/learned/run-training.ts'
import type { TrainingNode, TrainingOptions } from '../../scheduling/learned/training-node.ts'
import { parseJson } from '../../scheduling/policies/parse.ts'
import { TRACE_FORMATS } from '../../simulation/workload/trace-file.ts'
import { readText, using } from '../../yaml.ts'
import { interruptible } from '../interrupts.ts'
import { parseInteger, parseNonNegative, parseOutput } from '../options.ts'
import { formatBar, Progress } from '../progress.ts'
import { readLadder } from './ladder-file.ts'
import { parseWeighted, type TrainingSources, trainingDraw } from './train-workloads.ts'

interface Flags extends TrainingSources {
  readonly ladder: string
  readonly deadline: number
  readonly workers: number
  readonly trainer?: TrainerName
  readonly frames?: number
  readonly recurrent?: number
  readonly from?: string
  readonly rounds?: number
  readonly violationPrice: number
  readonly seed: number
  readonly out: string
}

/** @param command with the options that describe the node */
export function withTraining(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--trainer <name>',
        'hindsight looks back over whole workloads, for one worker; roll-outs tries every action out; policy-optimisation is PPO (default: hindsight for one worker, roll-outs for more)',
      ).choices(TRAINER_NAMES),
    )
    .option(
      '--workload <name[=weight]>',
      `what to learn from, at all loads: ${USUAL_MIX} (many kinds, the default) or a workload such as gamma; may be repeated`,
      parseWeighted,
    )
    .option(
      '--trace <file[=weight]>',
      'parts of recorded arrivals to learn from, as `GET /v2/tierwise/arrivals` of a node gives them; may be repeated',
      parseWeighted,
    )
    .addOption(
      new Option('--trace-format <name>', 'of all traces')
        .choices(TRACE_FORMATS)
        .default('arrival-times'),
    )
    .option('--from <file>', 'go on from a policy that training wrote')
    .option(
      '--frames <number>',
      'observations seen at once (default: 1, or those of --from)',
      parseInteger(1, 64),
    )
    .option(
      '--recurrent <number>',
      'recurrent units (default: 0, or those of --from)',
      parseInteger(0, 256),
    )
    .option('--rounds <number>', "of training (default: the trainer's)", parseInteger(1, 100_000))
    .option(
      '--violation-price <answers>',
      'what a request dropped or late costs beyond its answer, in answers of the most accurate variant: 0 raises effective accuracy, more keeps more deadlines',
      parseNonNegative,
      0,
    )
    .option('--seed <number>', 'of everything random', parseInteger(0), 1)
    .requiredOption(
      '--out <file>',
      'where the policy goes: name it after --policies of compare',
      parseOutput,
    )
    .action(train)
}

async function train(flags: Flags): Promise<void> {
  const { deadline: deadlineMs, workers, out, rounds, seed, ...given } = flags
  const node = { ladder: await readLadder(flags.ladder), workers, deadlineMs }
  const trainer = given.trainer ?? defaultTrainer(node)
  const options = { ...(await optionsOf(flags, node)), ...(rounds && { rounds }) }
  const progress = new Progress()
  await interruptible(async (interrupts) => {
    const { signal } = interrupts
    try {
      const training = createTraining(trainer, node, new Random(seed).fork('training'), options)
      const network = await runTraining(training, {
        signal,
        onProgress: ({ round, rounds, decisions }) =>
          progress.update(
            () =>
              `${formatBar(round / rounds)} · round ${round} of ${rounds} · ${decisions} decisions`,
          ),
      })
      await writeFile(out, `${JSON.stringify(network)}\n`)
      const left = isLeftToRule(network)
        ? 'It gained nothing over anticipating-fit on workloads of their own, and leaves every decision to it.\n'
        : ''
      process.stdout.write(
        `Learned by ${trainer} for ${workers} ${workers === 1 ? 'worker' : 'workers'} and a deadline of ${deadlineMs} ms: ${out}\n${left}`,
      )
    } catch (error) {
      if (!signal.aborted) throw error
      process.stderr.write('Broken off: nothing is written.\n')
      process.exitCode = interrupts.exitCode
    } finally {
      progress.end()
    }
  })
}

/** @throws ConfigError naming the file and what is wrong in it */
async function readNetwork(file: string): Promise<LearnedNetwork> {
  const text = await readText(file)
  return using(file, () => parseLearnedNetwork(parseJson(text)))
}

/** What is stated counts before what the policy has that is gone on from. */
async function optionsOf(flags: Flags, node: TrainingNode): Promise<TrainingOptions> {
  const { violationPrice } = flags
  const from = flags.from === undefined ? undefined : await readNetwork(flags.from)
  const draw = await trainingDraw(flags, node)
  const { frames = from?.frames ?? 1, recurrent = from?.recurrent ?? 0 } = flags
  return {
    ...{ frames, recurrent, violationPrice },
    ...(from && { hidden: from.hidden, from }),
    ...(draw && { draw }),
  }
}
