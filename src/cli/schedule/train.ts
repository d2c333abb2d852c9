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
import { runTraining } from '../../scheduling/learned/run-training.ts'
import { interruptible } from '../interrupts.ts'
import { parseInteger, parseNonNegative } from '../options.ts'
import { formatBar, Progress } from '../progress.ts'
import { readLadder } from './ladder-file.ts'

interface Flags {
  readonly ladder: string
  readonly deadline: number
  readonly workers: number
  readonly trainer?: TrainerName
  readonly frames: number
  readonly recurrent: number
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
    .option('--frames <number>', 'observations seen at once', parseInteger(1, 64), 1)
    .option('--recurrent <number>', 'recurrent units', parseInteger(0, 256), 0)
    .option('--rounds <number>', "of training (default: the trainer's)", parseInteger(1, 100_000))
    .option(
      '--violation-price <answers>',
      'what a request dropped or late costs beyond its answer, in answers of the most accurate variant: 0 raises effective accuracy, more keeps more deadlines',
      parseNonNegative,
      0,
    )
    .option('--seed <number>', 'of everything random', parseInteger(0), 1)
    .requiredOption('--out <file>', 'where the policy goes: name it after --policies of compare')
    .action(train)
}

async function train(flags: Flags): Promise<void> {
  const { deadline: deadlineMs, workers, out, rounds, seed, ...given } = flags
  const { frames, recurrent, violationPrice } = given
  const node = { ladder: await readLadder(flags.ladder), workers, deadlineMs }
  const trainer = given.trainer ?? defaultTrainer(node)
  const options = { frames, recurrent, violationPrice, ...(rounds && { rounds }) }
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
