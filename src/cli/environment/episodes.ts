/** The simulated fleet in the words of Gymnasium's `Env`: spaces, `reset` and `step`. */
import { InvalidInputError } from '../../errors.ts'
import { formatChoice } from '../../fleet/choice.ts'
import { averageAccuracyPercent, meetsGoal } from '../../fleet/goal.ts'
import type { Outcome, State } from '../../learning/environment/environment.ts'
import { plan } from '../../learning/planner/plan.ts'
import { Random } from '../../random.ts'
import type { SimulatedEnvironment } from '../../simulation/simulated-environment.ts'

/** Numbers for the agent: Table II's features, then the goal as a share. All in [0, 1]. Shape [stateSize + 1]. */
type Observation = readonly number[]

/** What an episode is. */
export interface EpisodeOptions {
  /** Of the first episode that is reset without a seed; further ones have seeds that follow from it. */
  readonly seed: number
  /** Steps after which an episode is truncated; a fleet itself never ends. */
  readonly episodeSteps: number
  readonly goalPercent: number
}

/** Episodes of one environment, one after another. */
export class Episodes {
  private readonly environment: SimulatedEnvironment
  private readonly options: EpisodeOptions
  private readonly seeds: Random
  /** Steps that the episode has left; undefined before the first. */
  private left: number | undefined

  constructor(environment: SimulatedEnvironment, options: EpisodeOptions) {
    this.environment = environment
    this.options = options
    this.seeds = new Random(options.seed)
  }

  /** An action has the index of one choice for each device, an observation is a list of numbers. */
  spaces() {
    const { devices, choices, stateSize } = this.environment.problem
    return {
      action_space: { type: 'MultiDiscrete', nvec: Array<number>(devices).fill(choices.length) },
      observation_space: { type: 'Box', low: 0, high: 1, shape: [stateSize + 1], dtype: 'float32' },
      choices: choices.map((choice) => ({
        name: formatChoice(choice),
        accuracy_percent: choice.accuracyPercent,
      })),
      episode_steps: this.options.episodeSteps,
    }
  }

  /** @param goal of this episode, percent; by default the one that was set at the start */
  reset(seed?: number, goal = this.options.goalPercent) {
    const { environment, options, seeds } = this
    environment.setGoal(goal)
    const first = this.left === undefined ? options.seed : seeds.integer(2 ** 32)
    const state = environment.reset(seed ?? first)
    if (seed !== undefined) seeds.restore(seed)
    this.left = options.episodeSteps
    return { observation: observationOf(state), info: this.infoOf(state) }
  }

  /**
   * One round of all devices' requests.
   * @param action index of a choice for each device; shape [devices]
   * @throws InvalidInputError outside of an episode, or for an action that is not in the space or cannot be taken now
   */
  step(action: readonly number[]) {
    if (this.left === undefined)
      throw new InvalidInputError('no episode has begun: call reset first')
    if (this.left === 0) throw new InvalidInputError('the episode is over: call reset')
    const outcome = this.environment.step(action)
    this.left -= 1
    return {
      observation: observationOf(outcome.state),
      reward: -outcome.cost,
      terminated: false,
      truncated: this.left === 0,
      info: { ...this.infoOf(outcome.state), ...toldOf(outcome) },
    }
  }

  /** The best action of the state at hand, and its noise-free average response time: what agents are measured by. */
  optimum() {
    const { decision, responseTimeMs } = plan(this.environment.planningProblem())
    return { action: decision, response_time_ms: responseTimeMs }
  }

  private infoOf({ goalPercent, available }: State) {
    return { goal_percent: goalPercent, action_mask: available }
  }
}

function observationOf({ features, goalPercent }: State): Observation {
  return [...features, Math.fround(goalPercent / 100)]
}

function toldOf({ responseTimesMs, accuracyPercent, state }: Outcome) {
  return {
    response_times_ms: responseTimesMs,
    average_accuracy_percent: averageAccuracyPercent(accuracyPercent),
    goal_met: meetsGoal(accuracyPercent, state.goalPercent),
  }
}
