/** The flags that say which fleet is simulated: `simulate` and `environment` share them. */
import { type Command, Option } from 'commander'
import { type Choice, choicesOf } from '../fleet/choice.ts'
import { SCENARIOS, type Scenario } from '../fleet/scenarios.ts'
import { loadCatalogue } from '../serving/models/catalogue.ts'
import { ofPaperSize } from '../simulation/worlds/paper-world.ts'
import { parseGoal, parseInteger } from './options.ts'

/** Their values. */
export interface FleetFlags {
  readonly scenario: Scenario
  readonly users: number
  readonly goal: number
  readonly catalogue?: string
  readonly seed: number
}

/** Adds them to a command. */
export function withFleetFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--scenario <name>', 'which links are weak (HL paper, Table IV)')
        .choices(SCENARIOS)
        .default('A'),
    )
    .option('--users <number>', 'devices of the fleet', parseInteger(1, 10_000), 5)
    .option('--goal <percent>', 'lowest average accuracy', parseGoal, 85)
    .option(
      '--catalogue <file>',
      "the variants and cascades of this catalogue in place of the paper's, the largest as slow as the paper's d0",
    )
    .option('--seed <number>', 'of everything random', parseInteger(0), 1)
}

/** What devices may do by this catalogue, at the speeds of the paper's fleet. */
export async function choicesIn(catalogue: string): Promise<Choice[]> {
  const { variants, cascades } = await loadCatalogue(catalogue)
  return choicesOf(ofPaperSize(variants), cascades)
}
