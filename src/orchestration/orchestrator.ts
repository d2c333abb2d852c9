/**
 * The Intelligent Orchestrator (HL paper, Figure 1): keeps the fleet under a decision that meets the Quality of Service
 * Goal, and lets an agent look for the one with the lowest response time.
 */
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import type { DeviceDecision, Goal } from '../control/messages.ts'
import { ConfigError, messageOf } from '../errors.ts'
import type { Profile } from '../learning/agent/oracle-profile.ts'
import type { Choice } from '../learning/environment/environment.ts'
import { AgentHost } from './agent-host.ts'
import type { AgentRun, SavedAgent } from './agent-messages.ts'
import { type AgentThread, type AgentThreadEvents, startAgentThread } from './agent-thread.ts'
import { type GoalInForce, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { DecisionBoard } from './decision-board.ts'
import { Fleet } from './fleet.ts'
import { meetsGoal, safeChoice } from './goal.ts'
import { LiveEnvironment } from './live-environment.ts'

export interface OrchestratorOptions {
  readonly control: ControlPlane
  /** What a device may do; the same list for all. At least one choice serves on the device. */
  readonly choices: readonly Choice[]
  readonly goalPercent: number
  /** See `createAgent`. */
  readonly agent: string
  readonly seed: number
  /** The agent starts when so many devices are ready, or when `graceMs` is over. */
  readonly expectedDevices: number
  readonly graceMs?: number
  /** Longest a round waits for the rest after its first answer. */
  readonly roundTimeoutMs: number
  /** The fleet must stay the same for so long before an agent starts on it. */
  readonly settleMs?: number
  /** A node that says nothing for so long is taken for dead. */
  readonly staleAfterMs?: number
  readonly clock: Clock
  readonly logger: Logger
  /** Learning survives a restart through this file. */
  readonly checkpointFile?: string
  readonly checkpointIntervalMs?: number
  /** For the `oracle` agent. */
  readonly profile?: Profile
  readonly startThread?: (events: AgentThreadEvents) => AgentThread
}

export interface Orchestrator {
  readonly session: string
  /** Closed rounds whose served average accuracy was below the goal in force. */
  readonly goalViolations: number
  readonly closedRounds: number
  /** Late observations and those of another session. */
  readonly ignoredObservations: number
  /** Answers that did not come in time, one for each device and round. */
  readonly missingAnswers: number
  readonly agent: string
  readonly goalPercent: number
  readonly devices: readonly string[]
  /** For devices that ask on every request (consulted mode). */
  currentDecision(device: string): DeviceDecision | undefined
  /** Saves the agent and leaves; the devices keep their last decisions. */
  stop(): Promise<void>
}

/** How often silent nodes are looked for. */
const STALE_CHECK_MS = 500
const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 60_000

/** @throws ConfigError for choices without one on the device, or a goal that devices alone could not meet */
export async function startOrchestrator(options: OrchestratorOptions): Promise<Orchestrator> {
  const { checkpointFile, goalPercent, agent, logger } = options
  const unreachable = goalProblem(options.choices, goalPercent)
  if (unreachable) throw new ConfigError(unreachable)
  const configured = { goalPercent, agent }
  const checkpoint = checkpointFile ? await readCheckpoint(checkpointFile, logger) : undefined
  const asBefore =
    checkpoint?.configured.goalPercent === goalPercent && checkpoint.configured.agent === agent
  const inForce = checkpoint && asBefore ? checkpoint.inForce : configured
  const orchestrator = new LiveOrchestrator(options, inForce, checkpoint?.agent)
  await orchestrator.start()
  return orchestrator
}

/** Why this goal cannot be promised; undefined when it can. */
function goalProblem(choices: readonly Choice[], goalPercent: number): string | undefined {
  const best = choices[safeChoice(choices)]?.accuracyPercent ?? 0
  if (meetsGoal([best], goalPercent)) return undefined
  return `a goal of ${goalPercent} % cannot be kept: the most accurate variant on a device has ${best} %, so give ${best} or less`
}

class LiveOrchestrator implements Orchestrator {
  private readonly options: OrchestratorOptions
  private readonly board: DecisionBoard
  private readonly fleet: Fleet
  private readonly host: AgentHost
  private inForce: GoalInForce
  /** To return to when the agent that was asked for cannot act. */
  private previousAgent: string | undefined
  private lastSaved: SavedAgent | undefined
  private environment: LiveEnvironment | undefined
  private readonly subscriptions: (() => void)[] = []
  private readonly timers = new Set<NodeJS.Timeout>()
  private agentTimer: NodeJS.Timeout | undefined
  private retryMs = FIRST_RETRY_MS
  /** No more waiting for expected devices. */
  private waited = false
  private saving = false

  constructor(
    options: OrchestratorOptions,
    inForce: GoalInForce,
    lastSaved: SavedAgent | undefined,
  ) {
    const { clock, control, logger, roundTimeoutMs, staleAfterMs = 10_000 } = options
    this.options = options
    this.inForce = inForce
    this.lastSaved = lastSaved
    this.board = new DecisionBoard({ control, roundTimeoutMs, clock })
    this.fleet = new Fleet({ staleAfterMs, clock, logger })
    this.host = new AgentHost({
      startThread: options.startThread ?? startAgentThread,
      onFailure: (run, message) => this.agentFailed(run, message),
      logger,
    })
  }

  get session() {
    return this.board.session
  }
  get goalViolations() {
    return this.board.goalViolations
  }
  get closedRounds() {
    return this.board.closedRounds
  }
  get ignoredObservations() {
    return this.board.ignoredObservations
  }
  get missingAnswers() {
    return this.board.missingAnswers
  }
  get agent() {
    return this.inForce.agent
  }
  get goalPercent() {
    return this.inForce.goalPercent
  }
  get devices() {
    return this.environment?.devices ?? []
  }

  currentDecision(device: string): DeviceDecision | undefined {
    return this.board.currentDecision(device)
  }

  async start(): Promise<void> {
    const {
      checkpointFile,
      checkpointIntervalMs = 10_000,
      control,
      graceMs = 30_000,
    } = this.options
    this.subscriptions.push(
      await control.subscribe('goal', (goal) => this.pursue(goal)),
      await control.subscribe('observation', (observation) => this.board.hear(observation)),
      await control.subscribe('telemetry', (telemetry) => {
        if (this.fleet.hear(telemetry)) this.fleetChanged()
      }),
    )
    this.timers.add(
      setInterval(() => {
        if (this.fleet.removeStale()) this.fleetChanged()
      }, STALE_CHECK_MS),
    )
    this.timers.add(
      setTimeout(() => {
        this.waited = true
        this.startAgentSoon()
      }, graceMs),
    )
    if (checkpointFile !== undefined) {
      this.timers.add(setInterval(() => void this.save(checkpointFile), checkpointIntervalMs))
    }
  }

  async stop(): Promise<void> {
    const { checkpointFile } = this.options
    for (const end of this.subscriptions) end()
    for (const timer of this.timers) clearTimeout(timer)
    clearTimeout(this.agentTimer)
    if (checkpointFile !== undefined) await this.save(checkpointFile)
    this.environment = undefined
    await this.host.close()
    this.board.abandon('the orchestrator stopped')
  }

  private fleetChanged(): void {
    const { devices } = this.fleet
    const { board, environment, host, options } = this
    if (environment?.fits(this.fleet)) {
      environment.fleetChanged()
      return
    }
    options.logger.info({ devices }, 'the fleet is now')
    host.pause()
    board.abandon('the fleet changed')
    this.environment = undefined
    if (devices.length === 0) return
    const { fleet } = this
    const { goalPercent } = this.inForce
    const { choices } = options
    this.environment = new LiveEnvironment({ fleet, board, choices, devices, goalPercent })
    this.environment.applySafe()
    this.startAgentSoon()
  }

  /** A new goal, a new agent, or both. */
  private pursue({ accuracyPercent: goalPercent, agent = this.inForce.agent }: Goal): void {
    const { choices, logger } = this.options
    const sameAgent = agent === this.inForce.agent
    if (sameAgent && goalPercent === this.inForce.goalPercent) return
    const problem = goalProblem(choices, goalPercent)
    if (problem) {
      logger.warn(`refused a goal: ${problem}`)
      return
    }
    logger.info({ goalPercent, agent }, 'the goal is now')
    if (!sameAgent) {
      this.previousAgent = this.inForce.agent
      this.host.pause()
    }
    this.inForce = { goalPercent, agent }
    this.environment?.setGoal(goalPercent)
    if (!sameAgent) this.startAgentSoon(0)
  }

  /** Once the fleet is as large as expected and has stayed the same for `settleMs`. */
  private startAgentSoon(settleMs = this.options.settleMs ?? 500): void {
    clearTimeout(this.agentTimer)
    if (!this.environment) return
    this.waited ||= this.environment.devices.length >= this.options.expectedDevices
    if (this.waited) this.agentTimer = setTimeout(() => this.startAgent(), settleMs)
  }

  private startAgent(): void {
    const { environment } = this
    if (!environment) return
    const { choices, profile, seed } = this.options
    const { problem, devices } = environment
    const { agent: spec } = this.inForce
    const key = JSON.stringify([spec, devices, choices, problem.stateSize])
    const saved = this.lastSaved?.key === key ? this.lastSaved.saved : undefined
    environment.begin(spec)
    const run = { key, spec, problem, seed, ...(profile && { profile }), saved }
    this.host.run(run, environment)
  }

  private agentFailed({ key, spec }: AgentRun, message: string): void {
    const { logger } = this.options
    logger.error({ agent: spec, reason: message }, 'the agent cannot act: the fleet plays safe')
    this.environment?.applySafe()
    if (this.lastSaved?.key === key) this.lastSaved = undefined
    const previousAgent = this.environment?.hasActed ? undefined : this.previousAgent
    this.previousAgent = undefined
    if (previousAgent !== undefined) {
      logger.warn({ agent: previousAgent }, 'going on with the agent before it')
      this.inForce = { ...this.inForce, agent: previousAgent }
      this.startAgentSoon(0)
      return
    }
    this.startAgentSoon(this.retryMs)
    this.retryMs = Math.min(2 * this.retryMs, LAST_RETRY_MS)
  }

  private async save(file: string): Promise<void> {
    if (this.saving) return
    this.saving = true
    try {
      this.lastSaved = (await this.host.save()) ?? this.lastSaved
      const { agent, goalPercent } = this.options
      const configured = { goalPercent, agent }
      await writeCheckpoint(file, { configured, inForce: this.inForce, agent: this.lastSaved })
    } catch (error) {
      this.options.logger.warn({ file, reason: messageOf(error) }, 'checkpoint not written')
    } finally {
      this.saving = false
    }
  }
}
