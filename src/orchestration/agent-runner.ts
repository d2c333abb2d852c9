/** Inside the agent's thread: runs one agent at a time at the environment on the other side of the message port. */
import { isDeepStrictEqual } from 'node:util'
import { InvalidInputError, messageOf, UnavailableError } from '../errors.ts'
import type { Agent } from '../learning/agents/agent.ts'
import { alternativesOf, bestFixed } from '../learning/agents/beliefs.ts'
import type {
  Answer,
  Environment,
  Outcome,
  Problem,
  State,
  Transition,
} from '../learning/environment/environment.ts'
import type { AgentRun, Beliefs, FromAgent, Question, ToAgent } from './agent-messages.ts'
import { noteOf } from './agent-note.ts'
import { profileAnswers } from './measured-profile.ts'
import { Shadow } from './shadow.ts'
import { withNumbers } from './unanswered.ts'

/** Agents kept for their key to be named again. */
const MAX_AGENTS = 4
/** Decisions in a row that the environment may refuse; the goal or a tier can change between deciding and applying. */
const MAX_REFUSALS = 3

/** How agents are made, how they act, and where messages go. */
export interface AgentRunnerOptions {
  /** Awaited before agents of the run are made; what it rejects with is why they cannot act. */
  readonly prepare?: (run: AgentRun) => Promise<void>
  readonly create: (run: AgentRun) => Agent
  /** Lets the agent act and learn until the signal aborts; rejects with what the environment rejected. */
  readonly interact: (
    agent: Agent,
    environment: Environment,
    options: { readonly seed: number; readonly signal: AbortSignal },
  ) => Promise<unknown>
  readonly post: (message: FromAgent) => void
}

interface PendingCall {
  resolve(value: State | Outcome): void
  reject(error: Error): void
}

/** An agent and what belongs to it. */
interface Actor {
  readonly run: AgentRun
  readonly agent: Agent
  shadow: Shadow | undefined
  /** It knows nothing yet. */
  isFresh: boolean
}

class OvertakenCall extends UnavailableError {}

/** Runs the agents of one thread. */
export class AgentRunner {
  private readonly options: AgentRunnerOptions
  /** By key, the one that acted longest ago first. */
  private readonly actors = new Map<string, Actor>()
  private readonly pending = new Map<number, PendingCall>()
  private readonly saveCalls: number[] = []
  private nextCall = 0
  private refusals = 0
  /** The agent that acts, or acted last. */
  private key = ''
  /** The agent is deciding or learning, so it cannot be saved now. */
  private busy = false
  private controller = new AbortController()
  private running: Promise<void> = Promise.resolve()

  constructor(options: AgentRunnerOptions) {
    this.options = options
  }

  receive(message: ToAgent): void {
    if (message.type === 'run') this.run(message.run)
    else if (message.type === 'answer') this.settle(message.call)?.resolve(message.value)
    else if (message.type === 'refusal') this.refuse(message)
    else if (message.type === 'hear') this.hear(message.key, message.answers)
    else if (message.type === 'save') this.save(message.call)
    else if (message.type === 'believe') this.believe(message)
    else this.pause()
  }

  private run(run: AgentRun): void {
    this.pause()
    const { signal } = this.controller
    this.running = this.running.then(() => this.act(run, signal))
  }

  private pause(): void {
    this.controller.abort()
    this.controller = new AbortController()
    for (const { reject } of this.pending.values()) reject(new UnavailableError('paused'))
    this.pending.clear()
  }

  private async act(run: AgentRun, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    try {
      await this.options.prepare?.(run)
      if (signal.aborted) return
      this.busy = true
      const actor = this.actorOf(run)
      if (run.explorationBudget !== undefined) actor.agent.boundExploring?.(run.explorationBudget)
      this.key = run.key
      this.refusals = 0
      const environment = this.environmentOf(run, actor)
      while (!signal.aborted) {
        await this.interact(actor.agent, environment, { seed: run.seed, signal })
      }
    } catch (error) {
      this.actors.delete(run.key)
      this.options.post({ type: 'failed', key: run.key, message: messageOf(error) })
    } finally {
      this.idle()
    }
  }

  /** Until a decision is refused or overtaken; then the loop starts from the state as it is now. */
  private async interact(
    agent: Agent,
    environment: Environment,
    options: { readonly seed: number; readonly signal: AbortSignal },
  ): Promise<void> {
    try {
      await this.options.interact(agent, environment, options)
    } catch (error) {
      if (options.signal.aborted || error instanceof OvertakenCall) return
      if (!(error instanceof UnavailableError) || this.refusals > MAX_REFUSALS) throw error
    }
  }

  private actorOf(run: AgentRun): Actor {
    const actor = this.known(run) ?? this.moved(run) ?? this.created(run)
    this.actors.delete(run.key)
    for (const oldest of this.actors.keys()) {
      if (this.actors.size < MAX_AGENTS) break
      this.actors.delete(oldest)
    }
    this.actors.set(run.key, actor)
    return actor
  }

  /** The agent of this key; where devices tell other times of their own by now, it hears of them if it can. */
  private known(run: AgentRun): Actor | undefined {
    const actor = this.actors.get(run.key)
    if (!actor || isDeepStrictEqual(actor.run.problem, run.problem)) return actor
    isMoved(actor.agent, run)
    return { ...actor, run }
  }

  /** The agent of this spec that acted last, if it can go on with the new problem. */
  private moved(run: AgentRun): Actor | undefined {
    const last = [...this.actors.values()].reverse().find(({ run: { spec } }) => spec === run.spec)
    if (!last || !isMoved(last.agent, run)) return undefined
    this.actors.delete(last.run.key)
    return { run, agent: last.agent, shadow: this.shadowOf(run), isFresh: last.isFresh }
  }

  private created(run: AgentRun): Actor {
    const { saved } = run
    const actor = (agent: Agent, isFresh: boolean): Actor => ({
      run,
      agent,
      shadow: this.shadowOf(run),
      isFresh,
    })
    if (saved === undefined) return actor(this.options.create(run), true)
    const agent = this.options.create({ ...run, problem: saved.problem })
    const isSame = isSameFleet(saved.problem, run.problem)
    if (!isSame && !agent.moveTo) return actor(this.options.create(run), true)
    agent.restore(saved.saved)
    return isDeepStrictEqual(saved.problem, run.problem) || isMoved(agent, run) || isSame
      ? actor(agent, false)
      : actor(this.options.create(run), true)
  }

  private shadowOf(run: AgentRun): Shadow | undefined {
    const { shadow: spec, problem, missingMs } = run
    if (spec === undefined) return undefined
    try {
      return new Shadow(problem, this.options.create({ ...run, spec }), missingMs)
    } catch (error) {
      this.options.post({ type: 'shadowFailed', message: messageOf(error) })
      return undefined
    }
  }

  private environmentOf(run: AgentRun, actor: Actor): Environment {
    const { key, problem, missingMs } = run
    const { agent } = actor
    let state: State
    /** What the shadow has still to learn: it does so while a round is open, when nobody waits for it. */
    let last: Transition | undefined
    return {
      problem,
      reset: async (seed) => {
        state = (await this.call((call) => ({ type: 'reset', call, key, seed }))) as State
        if (actor.isFresh) this.hearOfProfile(actor, state)
        actor.isFresh = false
        return state
      },
      step: async (decision) => {
        const note = noteOf(agent, actor.shadow, state, decision)
        const drift = agent.drift?.() ?? []
        const open = this.call((call) => ({ type: 'step', call, key, decision, note, drift }))
        if (last) this.withShadow(actor, (shadow) => shadow.observe(last as Transition))
        last = undefined
        const outcome = (await open) as Outcome
        last = { state, decision, outcome }
        state = outcome.state
        return agent.hear ? outcome : withNumbers(outcome, missingMs)
      },
    }
  }

  private hear(key: string, answers: readonly Answer[]): void {
    const actor = this.actors.get(key)
    for (const answer of answers) actor?.agent.hear?.(answer)
    if (actor) {
      this.withShadow(actor, (shadow) => {
        for (const answer of answers) shadow.hear(answer)
      })
    }
    this.options.post({ type: 'heard', count: actor?.agent.hear ? answers.length : 0 })
  }

  /** What was measured before the start is the first that agents hear of, if they hear of single answers. */
  private hearOfProfile({ run, agent, shadow }: Actor, state: State): void {
    if (run.profile === undefined) return
    for (const answer of profileAnswers(run.problem, run.profile, state)) {
      agent.hear?.(answer)
      shadow?.hear(answer)
    }
  }

  /** Whatever becomes of an agent that only proposes, the one that acts goes on. */
  private withShadow(actor: Actor, act: (shadow: Shadow) => void): void {
    try {
      if (actor.shadow) act(actor.shadow)
    } catch (error) {
      actor.shadow = undefined
      this.options.post({ type: 'shadowFailed', message: messageOf(error) })
    }
  }

  private async call(message: (call: number) => FromAgent): Promise<State | Outcome> {
    const call = this.nextCall++
    const answer = new Promise<State | Outcome>((resolve, reject) => {
      this.pending.set(call, { resolve, reject })
    })
    this.options.post(message(call))
    this.idle()
    try {
      return await answer
    } finally {
      this.busy = true
    }
  }

  private settle(call: number): PendingCall | undefined {
    const pending = this.pending.get(call)
    this.pending.delete(call)
    return pending
  }

  private refuse({ call, message, overtaken }: Extract<ToAgent, { type: 'refusal' }>): void {
    this.refusals = overtaken ? 0 : this.refusals + 1
    const error = overtaken ? new OvertakenCall(message) : new UnavailableError(message)
    this.settle(call)?.reject(error)
  }

  /** Whatever becomes of the answer, the agent goes on. */
  private believe({ call, key, about }: Extract<ToAgent, { type: 'believe' }>): void {
    const actor = this.actors.get(key)
    this.options.post({ type: 'believed', call, beliefs: actor ? beliefsOf(actor, about) : {} })
  }

  private save(call: number): void {
    this.saveCalls.push(call)
    if (!this.busy) this.idle()
  }

  /** The agent waits or is paused: the moment to save it. */
  private idle(): void {
    this.busy = false
    for (const call of this.saveCalls.splice(0)) {
      const actor = this.actors.get(this.key)
      const agent = actor && {
        spec: actor.run.spec,
        problem: actor.run.problem,
        saved: actor.agent.save(),
      }
      this.options.post({ type: 'saved', call, agent })
    }
  }
}

function beliefsOf({ agent, run: { problem } }: Actor, about: Question): Beliefs {
  const { state, decision, device } = about
  try {
    if (device === undefined) {
      const found = bestFixed(agent, problem, state)
      return found ? { bestFixed: found } : {}
    }
    const alternatives = alternativesOf(agent, problem, state, decision, device)
    return alternatives ? { alternatives } : {}
  } catch {
    // Asked of a fleet that is another one by now.
    return {}
  }
}

/** Lets the agent go on with the run's problem, if it can. */
function isMoved(agent: Agent, { problem }: AgentRun): boolean {
  try {
    agent.moveTo?.(problem)
    return agent.moveTo !== undefined
  } catch (error) {
    if (error instanceof InvalidInputError) return false
    throw error
  }
}

/** Whatever its devices told of their times. */
function isSameFleet(one: Problem, other: Problem): boolean {
  const untold = { localTimesMs: undefined }
  return isDeepStrictEqual({ ...one, ...untold }, { ...other, ...untold })
}
