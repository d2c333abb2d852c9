/**
 * The Intelligent Orchestrator (HL paper, Figure 1): keeps the fleet under a decision that meets the Quality of Service
 * Goal, and lets an agent look for the one with the lowest response time.
 */
import { isDeepStrictEqual } from 'node:util'
import { every } from '../clock.ts'
import { Boundary } from '../control/boundary.ts'
import {
  type ClosedRound,
  type DeviceDecision,
  type Goal,
  MAX_ANSWERED,
} from '../control/messages.ts'
import { AgentHost } from './agent-host.ts'
import { isFixed, keyOf } from './agent-key.ts'
import type { AgentRun, SavedAgent } from './agent-messages.ts'
import { startAgentThread } from './agent-thread.ts'
import { AskedGoals } from './asked-goals.ts'
import { changeProblem } from './check-orchestration.ts'
import { Checkpoint } from './checkpoint.ts'
import { DecisionBoard } from './decision-board.ts'
import { budgetOf } from './exploring.ts'
import { type FixedRule, fixedRule, safeRule } from './fixed-rule.ts'
import { FleetChanges } from './fleet-changes.ts'
import { GoalGovernor } from './goal-governor.ts'
import { EarlierReports, RoundKeeper } from './kept-round.ts'
import { LiveEnvironment } from './live-environment.ts'
import { LiveNodes } from './live-nodes.ts'
import { profiledMeanMs } from './measured-profile.ts'
import type { Orchestrator, OrchestratorOptions } from './orchestrator-options.ts'
import type { GoalInForce } from './promises.ts'
import { Slowness } from './slowness.ts'
import type { Standing } from './standing.ts'

/** How often silent nodes are looked for. */
const STALE_CHECK_MS = 500
const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 60_000
/** Without `revert`: the fixed rule is in force only when asked for, or when the agent fails. */
const NO_REVERT = { to: safeRule.name, rounds: 20 }
const ASKED_FOR = 'asked for'

/** Of one process: it decides while no other of its fleet does. */
export class LiveOrchestrator implements Orchestrator {
  private readonly options: OrchestratorOptions
  private readonly governor: GoalGovernor
  private readonly board: DecisionBoard
  private readonly nodes: LiveNodes
  private readonly askedGoals: AskedGoals
  private readonly host: AgentHost
  readonly reasons: Orchestrator['reasons']
  private readonly standing: Standing
  /** To return to when the agent that was asked for cannot act. */
  private previousAgent: string | undefined
  private readonly checkpoint: Checkpoint
  private environment: LiveEnvironment | undefined
  private readonly rule: FixedRule
  private readonly slowness: Slowness
  private readonly boundary: Boundary
  private readonly rounds: RoundKeeper | undefined
  private readonly earlier: EarlierReports
  private readonly endings: (() => void)[] = []
  private endAgentTimer: () => void = () => {}
  private readonly changes: FleetChanges
  private retryMs = FIRST_RETRY_MS
  /** No more waiting for expected devices. */
  private waited = false
  /** Wishes that came while another one decided, oldest first. */
  private unheard: Goal[] = []

  constructor(options: OrchestratorOptions, standing: Standing, lastSaved: SavedAgent | undefined) {
    const { clock, control, logger, roundTimeoutMs, staleAfterMs = 10_000 } = options
    this.options = options
    this.boundary = new Boundary(clock, logger)
    this.changes = new FleetChanges(clock, () =>
      this.boundary.run('following the fleet', () => this.fleetChanged()),
    )
    this.governor = new GoalGovernor(clock)
    this.standing = standing
    this.checkpoint = new Checkpoint(options, lastSaved)
    const { revert = NO_REVERT, choices } = options
    this.rule = fixedRule(revert.to, choices)
    this.slowness = new Slowness(revert)
    const { stateFolder, disk } = options
    if (stateFolder !== undefined) this.rounds = new RoundKeeper(stateFolder, disk, logger)
    this.earlier = new EarlierReports(standing.earlier, clock)
    this.board = new DecisionBoard({
      standing,
      control,
      roundTimeoutMs,
      clock,
      logger,
      governor: this.governor,
      onAnswer: (answer) => this.host.hear(answer),
      onClosed: (round) => this.watch(round),
      onOpened: (round) => {
        standing.use(round.number)
        this.rounds?.keep(standing.session, round)
      },
      onEarlier: (report) => {
        if (this.earlier.hear(report)) this.teachEarlier()
        else this.board.counts.ignoredReports += 1
      },
      answers: () => ({ ...this.host.answers }),
    })
    const askedGoalOf = (device: string) => this.askedGoals.of(device)
    this.nodes = new LiveNodes({ choices, staleAfterMs, askedGoalOf, clock, logger })
    this.askedGoals = new AskedGoals({ choices, logger, standing, nodes: this.nodes })
    this.host = new AgentHost({
      clock,
      startThread: options.startThread ?? startAgentThread,
      onFailure: (run, message) => this.agentFailed(run, message),
      logger,
    })
    this.reasons = this.host.reasons
  }

  get session() {
    return this.standing.session
  }
  get isDeciding(): boolean {
    return this.standing.isDeciding
  }
  get inForce(): GoalInForce {
    return this.standing.inForce
  }
  get counts() {
    return this.board.counts
  }
  get newest() {
    return this.board.newest
  }
  get knownNodes() {
    return this.nodes.log.known
  }
  get explanation() {
    return this.inForce.reverted === undefined ? this.environment?.explanation : undefined
  }
  get served() {
    return this.governor.served
  }
  get deviceGoals() {
    return this.environment?.deviceGoals ?? {}
  }
  get answers() {
    return this.host.answers
  }
  get devices() {
    return this.environment?.devices ?? []
  }
  get accuracy() {
    return { ...this.board.measured, devices: this.nodes.inServiceOf(this.devices) }
  }

  currentDecision(device: string): DeviceDecision | undefined {
    return this.board.currentDecision(device)
  }

  async start(): Promise<void> {
    const { checkpointIntervalMs = 10_000, control, graceMs = 30_000 } = this.options
    this.standing.onTurn = (isDeciding) => this.takeTurn(isDeciding)
    this.endings.push(
      await control.subscribe('goal', (goal) => this.pursue(goal)),
      await this.standing.watch(),
      await control.subscribe('observation', (report) => this.board.hear(report)),
      await control.subscribe('label', (report) => this.board.hearLabel(report)),
      await control.subscribe('telemetry', (telemetry) => {
        if (this.nodes.hear(telemetry)) this.changes.note(this.devices.length)
      }),
    )
    const { clock } = this.options
    this.endings.push(
      every(clock, STALE_CHECK_MS, () => {
        if (this.nodes.removeStale()) this.changes.note(this.devices.length)
      }),
      clock.after(graceMs, () => {
        this.waited = true
        this.startAgentSoon()
      }),
      every(clock, checkpointIntervalMs, () => void this.save()),
    )
  }

  async stop(): Promise<void> {
    for (const end of this.endings) end()
    this.endAgentTimer()
    this.changes.close()
    // One that is under way may have asked the agent before it learned the last.
    await this.checkpoint.settled()
    await this.save()
    this.environment?.end()
    this.environment = undefined
    await this.host.close()
    this.board.abandon('the orchestrator stopped')
    await Promise.all([this.standing.close(), this.rounds?.settled()])
    await this.options.release?.()
  }

  /** Of several orchestrators one decides: the others' agents pause, and their rounds end. */
  private takeTurn(isDeciding: boolean): void {
    if (isDeciding) {
      for (const wish of this.unheard.splice(0)) this.pursue(wish)
      this.fleetChanged()
      return
    }
    this.endAgentTimer()
    this.host.pause()
    this.environment?.end()
    this.environment = undefined
    this.board.abandon('another orchestrator decides')
  }

  private fleetChanged(news?: string): void {
    if (!this.standing.isDeciding) return
    const { board, environment, host, nodes, options } = this
    this.askedGoals.forgetOvertaken()
    const { devices } = nodes
    if (environment?.fits(nodes)) {
      const { problem } = environment
      environment.fleetChanged(news)
      this.warnOfGoal(environment)
      // The agent hears of other times, and goes on.
      if (environment.problem !== problem) this.startAgentSoon()
      return
    }
    options.logger.info({ devices }, 'the fleet is now')
    host.pause()
    environment?.end()
    board.abandon('the fleet changed')
    this.environment = undefined
    this.slowness.restart()
    if (devices.length === 0) return
    const { goalPercent } = this.inForce
    const { choices, clock } = options
    const shared = { nodes, board, governor: this.governor, choices, clock }
    this.environment = new LiveEnvironment({ ...shared, devices, goalPercent })
    this.warnOfGoal(this.environment)
    this.playRule()
    this.startAgentSoon()
  }

  /** What is reachable depends on who lives, and on what each holds. */
  private warnOfGoal(environment: LiveEnvironment): void {
    const unreachable = environment.unreachable()
    if (unreachable !== undefined) this.options.logger.warn(unreachable)
  }

  /** What the fleet does without an agent: safe before one acts, the rule that was reverted to in its place. */
  private playRule(): void {
    const { reverted } = this.inForce
    if (reverted === undefined) this.environment?.play(safeRule)
    else this.environment?.play(this.rule, reverted)
  }

  /** The fixed rule takes the agent's place, at once and until `resume`: it asks nobody. */
  private revert(reason: string): void {
    this.options.logger.warn({ reason, rule: this.rule.name }, 'reverted to the fixed rule')
    this.endAgentTimer()
    this.standing.change({ ...this.inForce, reverted: reason })
    this.host.pause()
    this.board.abandon('reverted to the fixed rule')
    this.playRule()
  }

  private resume(): void {
    this.options.logger.info({ agent: this.inForce.agent }, 'the agent goes on')
    const { reverted: _, ...goal } = this.inForce
    this.standing.change(goal)
    this.startAgentSoon(0)
  }

  /** Learning agents alone can be too slow: what is fixed was chosen. */
  private watch(round: ClosedRound): void {
    const { environment, inForce, options, rule } = this
    const ruleMs =
      environment && options.profile
        ? profiledMeanMs(options.profile, environment.problem, environment.decisionOf(rule))
        : undefined
    const reason = this.slowness.hear(round, ruleMs)
    if (reason && inForce.reverted === undefined && !isFixed(inForce.agent)) {
      this.revert(reason)
    }
  }

  /** A new goal, a new agent, or both; the fixed rule in the agent's place, or the agent again. */
  private pursue(wish: Goal): void {
    if (!this.standing.isDeciding || this.unheard.length > 0) {
      this.unheard = [...this.unheard.slice(1 - MAX_ANSWERED), wish]
      return
    }
    if (this.standing.hasAnswered(wish.id)) return
    const { id: _, accuracyPercent: goalPercent, revert, deviceGoal, ...others } = wish
    const asked = { goalPercent, agent: this.inForce.agent, ...others }
    const devices = this.devices.length || this.options.expectedDevices
    const refused =
      changeProblem({ ...asked, devices }, this.inForce, this.options, this.environment) ??
      (deviceGoal && this.askedGoals.problem(deviceGoal))
    if (refused !== undefined) this.options.logger.warn(`refused a goal: ${refused}`)
    else {
      if (revert === true && this.inForce.reverted === undefined) this.revert(ASKED_FOR)
      if (revert === false && this.inForce.reverted !== undefined) this.resume()
      this.change(asked)
      if (deviceGoal) this.askedGoals.grant(deviceGoal)
      if (deviceGoal) this.fleetChanged(`the goal of ${deviceGoal.device} is another`)
    }
    void this.standing.answer(wish, refused)
  }

  private change(asked: GoalInForce): void {
    const before = this.inForce
    const now = { ...before, ...asked }
    if (isDeepStrictEqual(now, before)) return
    this.options.logger.info(asked, 'the goal is now')
    if (now.agent !== before.agent) {
      this.previousAgent = before.agent
      this.host.pause()
    }
    this.standing.change(now)
    this.slowness.restart()
    const { goalPercent } = before
    if (now.goalPercent !== goalPercent) this.governor.restart()
    this.environment?.setGoal(now.goalPercent)
    const isGoalAlone = isDeepStrictEqual({ ...now, goalPercent }, before)
    if (!isGoalAlone) this.startAgentSoon(0)
  }

  /** Once the fleet is as large as expected and has stayed the same for `settleMs`. */
  private startAgentSoon(settleMs = this.options.settleMs ?? 500): void {
    this.endAgentTimer()
    if (!this.environment || this.inForce.reverted !== undefined) return
    this.waited ||= this.environment.devices.length >= this.options.expectedDevices
    if (this.waited) {
      const start = () => this.boundary.run('starting the agent', () => this.startAgent())
      this.endAgentTimer = this.options.clock.after(settleMs, start)
    }
  }

  private startAgent(): void {
    const { environment } = this
    if (!environment) return
    const { profile, hyperparameters, shadow, seed, roundTimeoutMs } = this.options
    const { problem } = environment
    const { agent: spec } = this.inForce
    const saved = this.checkpoint.of(spec)
    environment.begin(spec)
    this.slowness.restart()
    const run: AgentRun = {
      key: keyOf(spec, problem),
      spec,
      problem,
      seed,
      missingMs: roundTimeoutMs,
      ...(profile && { profile }),
      ...(hyperparameters && { hyperparameters }),
      ...budgetOf(this.inForce),
      ...(shadow !== undefined && !isFixed(spec) && { shadow }),
      ...(saved && { saved }),
    }
    this.host.run(run, environment)
    this.teachEarlier()
  }

  /** What was queued while no orchestrator lived teaches the agent, once it acts. */
  private teachEarlier(): void {
    const { environment, host } = this
    if (!environment || !host.isActing) return
    for (const answer of this.earlier.answers(environment.problem, environment.devices)) {
      host.hear(answer)
    }
  }

  private agentFailed({ spec }: AgentRun, message: string): void {
    const { logger } = this.options
    const rule = this.rule.name
    logger.error(
      { agent: spec, reason: message, rule },
      'the agent cannot act: the rule is in force',
    )
    this.environment?.play(this.rule, `the agent cannot act, and will be tried again: ${message}`)
    this.checkpoint.forget(spec)
    const previousAgent = this.environment?.hasActed ? undefined : this.previousAgent
    this.previousAgent = undefined
    if (previousAgent !== undefined) {
      logger.warn({ agent: previousAgent }, 'going on with the agent before it')
      this.standing.change({ ...this.inForce, agent: previousAgent })
      this.startAgentSoon(0)
      return
    }
    this.startAgentSoon(this.retryMs)
    this.retryMs = Math.min(2 * this.retryMs, LAST_RETRY_MS)
  }

  private save(): Promise<void> {
    return this.checkpoint.save(() => this.host.save())
  }
}
