/** Somebody's own agent, made by a module of theirs, and what stands between it and a fleet. */
import { InvalidInputError, messageOf, TierwiseError } from '../../errors.ts'
import { formatChoice } from '../../fleet/choice.ts'
import { accuraciesOf, averageAccuracyPercent, meetsGoal } from '../../fleet/goal.ts'
import { Random } from '../../random.ts'
import { unreachableGoal } from '../environment/availability.ts'
import type { Answer, Decision, Problem, State, Transition } from '../environment/environment.ts'
import type { Agent, LearningProgress } from './agent.ts'
import type { Profile } from './baselines/oracle-profile.ts'
import { checkpoint, knowledgeOf } from './checkpoint.ts'
import type { Overrides } from './overrides.ts'

type Verbs = 'decide' | 'observe' | 'greedy' | 'save' | 'restore'
type Extras = 'hear' | 'moveTo' | 'explain'

/** What a module's `createAgent` returns: the verbs of `Agent`, of which the first five are needed. */
export interface OwnAgent extends Pick<Agent, Verbs | Extras> {
  /** Real steps are counted without it. */
  readonly progress?: Partial<LearningProgress>
}

/** What a module's `createAgent` is given beside the problem. */
export interface OwnAgentOptions {
  /**
   * For all that is drawn. It is set anew before every call, so that the same question is answered alike, and a restored agent
   * goes on as it would have.
   */
  readonly random: Random
  /** Whether the decision can be taken in this state: every device may take its choice, and the goal is kept. */
  readonly allows: (state: State, decision: Decision) => boolean
  /** Numbers of `--set NAME=NUMBER`. */
  readonly parameters: Overrides
  /** A measured profile, where one was given. */
  readonly profile?: Profile
}

/** The function that a module exports under the name `createAgent`. */
export type CreateOwnAgent = (problem: Problem, options: OwnAgentOptions) => OwnAgent

const VERBS: readonly Verbs[] = ['decide', 'observe', 'greedy', 'save', 'restore']

interface Knowledge {
  /** State of the stream that all draws are of. */
  readonly seed: number
  readonly realSteps: number
  readonly heard: number
  readonly own: unknown
}

/** An own agent as the rest knows agents: it checks every decision, counts, and keeps the stream of random numbers. */
export class GuardedAgent implements Agent {
  readonly name: string
  readonly hear?: (answer: Answer) => void
  readonly moveTo?: (problem: Problem) => void
  readonly explain?: NonNullable<Agent['explain']>
  private readonly own: OwnAgent
  private problem: Problem
  private readonly random: Random
  /** All draws are forks of it. */
  private readonly stream: Random
  private realSteps = 0
  private heard = 0

  /**
   * @param name its file, as the user wrote it
   * @throws InvalidInputError naming the file if its `createAgent` fails, or what it returns lacks a verb
   */
  constructor(
    name: string,
    create: CreateOwnAgent,
    problem: Problem,
    { seed, ...given }: Pick<OwnAgentOptions, 'parameters' | 'profile'> & { readonly seed: number },
  ) {
    this.name = name
    this.problem = problem
    this.random = new Random(seed)
    this.stream = new Random(seed)
    const allows = (state: State, decision: Decision) => this.fault(state, decision) === undefined
    const own = this.calling('createAgent', 0, () =>
      create(problem, { ...given, random: this.random, allows }),
    )
    const missing = VERBS.filter((verb) => typeof Object(own)[verb] !== 'function')
    if (missing.length > 0) {
      throw new InvalidInputError(
        `agent ${name}: what createAgent returned has no ${missing.map((verb) => `${verb}()`).join(', ')}; an agent has ${VERBS.join(', ')}`,
      )
    }
    this.own = own
    if (own.hear)
      this.hear = (answer) => this.calling('hear', this.heard++, () => own.hear?.(answer))
    if (own.explain) {
      this.explain = (state) => this.calling('explain', this.realSteps, () => own.explain?.(state))
    }
    if (own.moveTo) {
      this.moveTo = (next) => {
        this.calling('moveTo', this.realSteps, () => own.moveTo?.(next))
        this.problem = next
      }
    }
  }

  get progress(): LearningProgress {
    const { plannedSteps = 0, updates = 0 } = this.own.progress ?? {}
    return { realSteps: this.realSteps, plannedSteps, updates }
  }

  /** @throws InvalidInputError if no decision can meet the goal, or the agent's own cannot be taken */
  decide(state: State): Decision {
    return this.asked('decide', state)
  }

  observe(transition: Transition): void {
    this.calling('observe', this.realSteps, () => this.own.observe(transition))
    this.realSteps += 1
  }

  greedy(state: State): Decision {
    return this.asked('greedy', state)
  }

  save(): unknown {
    const { realSteps, heard } = this
    const own = this.calling('save', realSteps, () => this.own.save())
    const knowledge: Knowledge = { seed: this.stream.save(), realSteps, heard, own }
    return checkpoint(this.name, this.problem, knowledge)
  }

  restore(saved: unknown): void {
    const knowledge = knowledgeOf<Knowledge>(saved, this.name, this.problem)
    const { seed, realSteps, heard, own } = knowledge
    this.calling('restore', realSteps, () => this.own.restore(own))
    this.stream.restore(seed)
    this.realSteps = realSteps
    this.heard = heard
  }

  private asked(verb: 'decide' | 'greedy', state: State): Decision {
    const unreachable = unreachableGoal(this.problem, state)
    if (unreachable !== undefined) throw new InvalidInputError(unreachable)
    const decision = this.calling(verb, this.realSteps, () => this.own[verb](state))
    const isList = Array.isArray(decision) || ArrayBuffer.isView(decision)
    const fault = isList ? this.fault(state, decision) : `${typeof decision}, no list`
    if (fault === undefined) return Array.from(decision)
    throw new InvalidInputError(`agent ${this.name}: ${verb}() gave [${decision}]: ${fault}`)
  }

  /** Why the decision cannot be taken; undefined where it can. */
  private fault({ available, goalPercent }: State, decision: Decision): string | undefined {
    const { devices, choices, names } = this.problem
    if (decision.length !== devices) return `give ${devices} choices, one for each device`
    for (const [device, choice] of decision.entries()) {
      const name = names?.[device] ?? `device ${device}`
      if (choices[choice] === undefined) {
        return `${name} has ${choice}, but choices are 0 to ${choices.length - 1}`
      }
      if (!available[device][choice]) {
        return `${name} may not take ${formatChoice(choices[choice])} now: see state.available`
      }
    }
    const accuracies = accuraciesOf(decision, choices)
    if (meetsGoal(accuracies, goalPercent)) return undefined
    return `its average accuracy of ${averageAccuracyPercent(accuracies)} % is below the goal of ${goalPercent} %`
  }

  /** Runs code of the module's, its random numbers fixed by the call. */
  private calling<T>(verb: string, count: number, call: () => T): T {
    this.random.restore(this.stream.fork(`${verb} ${count}`).save())
    try {
      return call()
    } catch (error) {
      if (error instanceof TierwiseError) throw error
      const place = error instanceof Error ? /\n\s+(at .*)/.exec(error.stack ?? '')?.[1] : undefined
      const where = place === undefined ? '' : `, ${place}`
      throw new InvalidInputError(
        `agent ${this.name}: ${verb}() threw: ${messageOf(error)}${where}`,
        {
          cause: error,
        },
      )
    }
  }
}
