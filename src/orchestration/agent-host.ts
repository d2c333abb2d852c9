/** The orchestrator's side of the agent's thread: lets an agent act on the live environment. */
import type { Logger } from 'pino'
import type { Timers } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Answer } from '../learning/environment/environment.ts'
import type { AgentRun, Beliefs, FromAgent, Question, SavedAgent } from './agent-messages.ts'
import type { AgentThread, AgentThreadEvents } from './agent-thread.ts'
import type { LiveEnvironment } from './live-environment.ts'
import { AskedReasons, type Reasons } from './reasons.ts'
import { OvertakenError } from './round.ts'

/** Answers that may wait for the agent to have time for them. */
const MAX_WAITING_ANSWERS = 256
type ActedOn = Pick<LiveEnvironment, 'reset' | 'step' | 'problem' | 'devices' | 'now'>

/** Far longer than any agent thinks, or loads its module: one that takes longer never ends. */
const THINKING_LIMIT_MS = 120_000
/** An agent that thinks for longer is not waited for: what it saved last stays. */
const SAVING_LIMIT_MS = 10_000

/** An agent that thinks for longer says nothing of what it believes. */
const ANSWER_MS = 2000

/** Where agents think, and who hears that one cannot. */
export interface AgentHostOptions {
  readonly clock: Pick<Timers, 'after'>
  readonly startThread: (events: AgentThreadEvents) => AgentThread
  /** The agent cannot go on; nothing acts until the next `run`. */
  readonly onFailure: (run: AgentRun, message: string) => void
  readonly logger: Logger
}

/** Holds the thread, and connects the agent that acts in it with its environment. */
export class AgentHost {
  private readonly options: AgentHostOptions
  private thread: AgentThread | undefined
  private acting: { readonly run: AgentRun; readonly environment: ActedOn } | undefined
  private readonly saves = new Map<number, (agent: SavedAgent | undefined) => void>()
  private nextCall = 0
  /** Why it decides as it does. */
  readonly reasons: Reasons = new AskedReasons(
    () => this.acting?.environment,
    (about) => this.believe(about),
  )
  /** What is being asked of the agent, and who waits for it: one question at a time. */
  private asked: { readonly call: number; readonly tell: (beliefs: Beliefs) => void } | undefined
  /** That the log has named last. */
  private announced: string | undefined
  /** Answers for the agent that acts, oldest first. */
  private waiting: Answer[] = []
  /** The agent has answers that it has not replied to. */
  private hearing = false
  /** Ends the wait for the agent's next decision. */
  private endThinking: () => void = () => {}
  /** Answers that agents learned from, and those that came faster than they could. */
  readonly answers = { heard: 0, dropped: 0 }

  constructor(options: AgentHostOptions) {
    this.options = options
  }

  /** Lets this agent act, in the place of any other, which is paused. */
  run(run: AgentRun, environment: ActedOn): void {
    if (this.announced !== run.key) {
      const { spec: agent, problem } = run
      this.options.logger.info({ agent, devices: problem.devices }, 'the agent acts')
    }
    this.announced = run.key
    this.acting = { run, environment }
    this.waiting = []
    this.thread ??= this.startThread()
    this.thread.post({ type: 'run', run })
    this.awaitDecision()
  }

  get isActing(): boolean {
    return this.acting !== undefined
  }

  pause(): void {
    this.acting = undefined
    this.waiting = []
    this.endThinking()
    this.thread?.post({ type: 'pause' })
  }

  /** Tells the agent that acts of one request; what comes while too many wait is dropped. */
  hear(answer: Answer): void {
    if (!this.acting) return
    if (this.waiting.length >= MAX_WAITING_ANSWERS) this.answers.dropped += 1
    else this.waiting.push(answer)
    this.passAnswersOn()
  }

  /** What the agent that acts, or acted last, knows; waits until it has finished what it learns now, within bounds. */
  save(): Promise<SavedAgent | undefined> {
    const { thread } = this
    if (!thread) return Promise.resolve(undefined)
    const call = this.nextCall++
    return new Promise((resolve) => {
      const endWait = this.options.clock.after(SAVING_LIMIT_MS, () => this.saved(call, undefined))
      this.saves.set(call, (agent) => {
        endWait()
        resolve(agent)
      })
      thread.post({ type: 'save', call })
    })
  }

  /** What the agent that acts believes; nothing while it is asked something else, or thinks for too long. */
  private believe(about: Question): Promise<Beliefs> {
    const { acting, thread } = this
    if (!acting || !thread || this.asked) return Promise.resolve({})
    const call = this.nextCall++
    return new Promise((resolve) => {
      const timer = setTimeout(() => tell({}), ANSWER_MS)
      const tell = (beliefs: Beliefs) => {
        clearTimeout(timer)
        if (this.asked?.call === call) this.asked = undefined
        resolve(beliefs)
      }
      this.asked = { call, tell }
      thread.post({ type: 'believe', call, key: acting.run.key, about })
    })
  }

  async close(): Promise<void> {
    const { thread } = this
    this.pause()
    this.thread = undefined
    this.hearing = false
    await thread?.close()
    this.endSaves()
  }

  private async receive(message: FromAgent): Promise<void> {
    if (message.type === 'saved') {
      this.saved(message.call, message.agent)
      return
    }
    if (message.type === 'believed') {
      if (this.asked?.call === message.call) this.asked.tell(message.beliefs)
      return
    }
    if (message.type === 'heard') {
      this.hearing = false
      this.answers.heard += message.count
      this.passAnswersOn()
      return
    }
    if (message.type === 'shadowFailed') {
      this.options.logger.error(
        { reason: message.message },
        'no more proposals of the shadow agent',
      )
      return
    }
    const { acting } = this
    if (acting?.run.key !== message.key) return // from before the last `run`
    this.endThinking()
    if (message.type === 'failed') {
      this.acting = undefined
      this.options.onFailure(acting.run, message.message)
      return
    }
    const { call } = message
    try {
      const value = await answer(acting.environment, message)
      this.thread?.post({ type: 'answer', call, value })
    } catch (error) {
      const overtaken = error instanceof OvertakenError
      this.thread?.post({ type: 'refusal', call, message: messageOf(error), overtaken })
    }
    if (this.acting === acting) this.awaitDecision()
  }

  /** What a thread says that was given up is not heard. */
  private startThread(): AgentThread {
    const thread = this.options.startThread({
      onMessage: (message) => {
        if (this.thread === thread) void this.receive(message)
      },
      onDeath: (reason) => {
        if (this.thread === thread) this.died(reason)
      },
    })
    return thread
  }

  private awaitDecision(): void {
    this.endThinking()
    this.endThinking = this.options.clock.after(THINKING_LIMIT_MS, () => {
      void this.thread?.close()
      this.died(`the agent has not decided within ${THINKING_LIMIT_MS / 1000} s`)
    })
  }

  private saved(call: number, agent: SavedAgent | undefined): void {
    this.saves.get(call)?.(agent)
    this.saves.delete(call)
  }

  /** One batch at a time, so that no more pile up in a thread that is thinking. */
  private passAnswersOn(): void {
    const { acting, thread, waiting } = this
    if (this.hearing || !acting || !thread || waiting.length === 0) return
    this.hearing = true
    this.waiting = []
    thread.post({ type: 'hear', key: acting.run.key, answers: waiting })
  }

  private died(reason: string): void {
    const { acting } = this
    this.thread = undefined
    this.hearing = false
    this.acting = undefined
    this.endThinking()
    this.endSaves()
    this.options.logger.error({ reason }, 'the thread of the agent died')
    if (acting) this.options.onFailure(acting.run, reason)
  }

  private endSaves(): void {
    for (const resolve of this.saves.values()) resolve(undefined)
    this.asked?.tell({})
    this.saves.clear()
  }
}

function answer(environment: ActedOn, message: Extract<FromAgent, { type: 'reset' | 'step' }>) {
  if (message.type === 'reset') return environment.reset(message.seed)
  return environment.step(message.decision, message.note, message.drift)
}
