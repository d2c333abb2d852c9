/** Inside the agent's thread: runs one agent at a time at the environment on the other side of the message port. */
import { messageOf, UnavailableError } from '../errors.ts'
import type { Agent } from '../learning/agent/agent.ts'
import type { Environment, Outcome, State } from '../learning/environment/environment.ts'
import type { AgentRun, FromAgent, ToAgent } from './agent-messages.ts'

/** Agents kept for their key to be named again. */
const MAX_AGENTS = 4
/** Decisions in a row that the environment may refuse; the goal or a tier can change between deciding and applying. */
const MAX_REFUSALS = 3

export interface AgentRunnerOptions {
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

class OvertakenCall extends UnavailableError {}

export class AgentRunner {
  private readonly options: AgentRunnerOptions
  private readonly agents = new Map<string, Agent>()
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
    else if (message.type === 'pause') this.pause()
    else if (message.type === 'answer') this.settle(message.call)?.resolve(message.value)
    else if (message.type === 'refusal') this.refuse(message)
    else if (message.type === 'save') this.save(message.call)
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
      this.busy = true
      const agent = this.agentOf(run)
      this.key = run.key
      this.refusals = 0
      const environment = this.environmentOf(run, agent)
      while (!signal.aborted) {
        await this.interact(agent, environment, { seed: run.seed, signal })
      }
    } catch (error) {
      this.agents.delete(run.key)
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

  private agentOf(run: AgentRun): Agent {
    const known = this.agents.get(run.key)
    if (known) return known
    const agent = this.options.create(run)
    if (run.saved !== undefined) agent.restore(run.saved)
    for (const oldest of this.agents.keys()) {
      if (this.agents.size < MAX_AGENTS) break
      this.agents.delete(oldest)
    }
    this.agents.set(run.key, agent)
    return agent
  }

  private environmentOf({ key, problem }: AgentRun, agent: Agent): Environment {
    return {
      problem,
      reset: (seed) => this.call((call) => ({ type: 'reset', call, key, seed })) as Promise<State>,
      step: (decision) => {
        const progress = { ...agent.progress }
        return this.call((call) => ({
          type: 'step',
          call,
          key,
          decision,
          progress,
        })) as Promise<Outcome>
      },
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

  private save(call: number): void {
    this.saveCalls.push(call)
    if (!this.busy) this.idle()
  }

  /** The agent waits or is paused: the moment to save it. */
  private idle(): void {
    this.busy = false
    for (const call of this.saveCalls.splice(0)) {
      const agent = this.agents.get(this.key)
      const saved = agent && { key: this.key, saved: agent.save() }
      this.options.post({ type: 'saved', call, agent: saved })
    }
  }
}
