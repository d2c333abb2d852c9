/** Shapes what is kept of a fleet into the answers that people are given. */
import { goalOfDevice } from '../control/device-goal.ts'
import { goalInForce, type JointDecision, type OrchestratorNews } from '../control/messages.ts'
import type { Admission, LiveTelemetry } from '../control/telemetry-message.ts'
import { formatPlacement } from '../fleet/placement.ts'
import { agentName } from './agent-name.ts'
import { type DeviceRecord, hasFallenBack } from './device-record.ts'
import { type FleetRecord, type NodeRecord, shedPercent } from './fleet-record.ts'
import type {
  BestFixed,
  DeviceRow,
  DeviceView,
  History,
  HistoryWindow,
  InForce,
  NodeRow,
  Overview,
  RunReport,
} from './schemas.ts'
import { handfulOf } from './test-answers.ts'

/** That the figures of the first screen are over. */
const RECENT_SECONDS = 60
/** Below it an average shows as what it was to be. */
const LEAST_SHORTFALL_PERCENT = 0.005
/** On the first screen. */
const NEWEST_EVENTS = 50

/** All that the first screen shows. */
export function overviewOf(
  record: FleetRecord,
  mode: Overview['mode'],
  bestFixed?: BestFixed,
): Overview {
  const atMs = record.now()
  const { news, joint } = record.standing
  const speeds = speedsOf(record)
  return {
    ...{ atMs, sinceMs: record.sinceMs, mode, requests: record.requests, failed: record.failed },
    ...(news && { inForce: inForceOf(news, record.report) }),
    ...(joint && { decided: decidedOf(joint, record.standing.closedRounds) }),
    ...(bestFixed && { bestFixed }),
    ...(speeds && { speeds }),
    traffic: trafficOf(record, atMs),
    nodes: nodeRows(record),
    devices: deviceNames(record).map((name) => deviceRow(record, name, atMs)),
    events: record.events.since(0, NEWEST_EVENTS),
    ...(record.tests && {
      tests: { ...record.tests, answers: handfulOf(record.tests.answers) },
    }),
    ...(record.report && { report: record.report }),
  }
}

/** What the charts show. */
export function historyOf(record: FleetRecord, window: HistoryWindow): History {
  const toMs = record.now()
  const history = record.histories[window]
  const { stepMs } = history
  const points = history.points(toMs)
  const fromMs = Math.max(record.sinceMs, toMs - 300 * stepMs)
  return { fromMs, toMs, stepMs, points, events: record.events.since(fromMs) }
}

/** All that is known of one device without asking the agent; undefined where it was never heard of. */
export function deviceViewOf(record: FleetRecord, name: string): DeviceView | undefined {
  const device = record.devices.get(name)
  const live = record.liveOf(name)
  if (device === undefined && record.nodes.get(name)?.said.tier !== 'end') return undefined
  const { goalPercent } = record.standing.news ?? {}
  const ownGoal = ownGoalOf(record, name)
  const answers = device?.answers ?? []
  const atMs = record.now()
  const tests = record.tests?.answers.filter(({ device }) => device === name) ?? []
  return {
    atMs,
    row: deviceRow(record, name, atMs),
    variants: (live?.variants ?? []).map(({ name, serviceTimeMs }) => ({
      name,
      ...(serviceTimeMs !== undefined && { serviceTimeMs }),
    })),
    ...(live && { measured: measuredOf(live.measured), state: live.state }),
    ...(live && { queueDepth: live.service.queueDepth }),
    ...quantiles(answers.map(([, ms]) => ms)),
    answers,
    decisions: device?.decisions ?? [],
    requests: device?.requests ?? [],
    ...(tests.length > 0 && { testAnswers: handfulOf(tests) }),
    ...(live?.inService && { inService: live.inService }),
    ...(goalPercent !== undefined && { goalPercent }),
    ...(live?.floorPercent !== undefined && { floorPercent: live.floorPercent }),
    ...(ownGoal && { ownGoal }),
    ...(record.standing.joint && {
      jointAccuracyPercent: record.standing.joint.accuracyPercent,
    }),
  }
}

/** As the orchestrator keeps it; as it was asked for, or as the device says, where that one has yet to tell, or had no room for it. */
function ownGoalOf(record: FleetRecord, name: string): DeviceView['ownGoal'] {
  const { joint, news } = record.standing
  const asked = news?.deviceGoals?.[name]
  const ownPercent = record.liveOf(name)?.goalPercent
  const goalPercent = goalOfDevice(asked, ownPercent)
  if (goalPercent === undefined) return undefined
  const kept = joint?.deviceGoals?.[name]
  return {
    ...(kept?.goalPercent === goalPercent ? kept : { goalPercent }),
    ...(asked && { inPlaceOf: ownPercent ?? 'none' }),
  }
}

/** What came after a run, to compare it with, was not asked for. */
function inForceOf(news: OrchestratorNews, report: RunReport | undefined): InForce {
  if (report) return { goalPercent: report.goalPercent, agent: report.agent }
  const { agent, refusedWish } = news
  return {
    ...goalInForce.parse(news),
    agent: agentName(agent),
    ...(refusedWish && { refusedWish }),
  }
}

function decidedOf(joint: JointDecision, closedRounds: number): NonNullable<Overview['decided']> {
  const { agent, round, accuracyPercent, goalViolations, progress } = joint
  const { explanation, served, measured, shadow, raisedGoalPercent, fallbackRisk } = joint
  return {
    ...{ agent: agentName(agent), round, accuracyPercent, goalViolations, closedRounds, progress },
    ...(raisedGoalPercent !== undefined && { raisedGoalPercent }),
    ...(fallbackRisk !== undefined && { fallbackRisk }),
    ...(explanation && { believed: explanation }),
    ...(served && { served }),
    ...(measured && { labelled: measured }),
    ...(shadow && { shadow }),
  }
}

function trafficOf({ histories }: FleetRecord, atMs: number): Overview['traffic'] {
  const { requests, failed, byTier, meanMs, p50Ms, p95Ms } = histories['5m'].recent(
    atMs,
    RECENT_SECONDS,
  )
  return {
    ...{ windowSeconds: RECENT_SECONDS, requests, failed, byTier },
    ...(meanMs !== undefined && { meanMs }),
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p95Ms !== undefined && { p95Ms }),
  }
}

/** Undefined until nodes have served: only then does one say by how much it misses the speed that it emulates. */
function speedsOf({ nodes }: FleetRecord): Overview['speeds'] {
  const served = [...nodes.values()].flatMap(({ said }) =>
    said.alive && said.ready && said.service.requests > 0 ? [said] : [],
  )
  if (served.length === 0) return undefined
  const errors = served.flatMap(({ dilationErrorPercent }) => dilationErrorPercent ?? [])
  if (errors.length === 0) return 'real'
  return { emulatedErrorPercent: errors.reduce((sum, error) => sum + error, 0) / errors.length }
}

function nodeRows(record: FleetRecord): NodeRow[] {
  const rows = [...record.nodes].flatMap(([name, node]) => {
    const { said } = node
    if (said.tier === 'end') return []
    const [first] = said.alive ? said.variants : []
    const told = said.alive && {
      queueDepth: said.service.queueDepth,
      ...(first && { variant: first.name }),
      ...roomOf(said.service.admission),
      ...linkOf(node),
    }
    return [{ name, tier: said.tier, health: record.healthOf(node), ...told }]
  })
  return rows.sort((a, b) => byName(a.name, b.name))
}

/** What it can still take, and what it sheds. */
function roomOf(admission: Admission | undefined) {
  if (admission === undefined) return {}
  const { sheds, spareRequestsPerS } = admission
  return {
    ...(sheds && { shedPercent: shedPercent(admission) }),
    ...(spareRequestsPerS !== undefined && { spareRequestsPerS }),
  }
}

/** Nothing of a link before it is known. */
function linkOf(node: NodeRecord | undefined) {
  if (!node?.said.alive || node.link?.isWeak === undefined) return {}
  const { roundTripMs } = node.said.measured
  return { weakLink: node.link.isWeak, ...(roundTripMs !== undefined && { roundTripMs }) }
}

/** Every device that reported, was decided for or answered. */
function deviceNames({ nodes, devices }: FleetRecord): string[] {
  const reported = [...nodes.values()].flatMap(({ said }) => (said.tier === 'end' ? said.node : []))
  return [...new Set([...reported, ...devices.keys()])].sort(byName)
}

function deviceRow(record: FleetRecord, name: string, atMs: number): DeviceRow {
  const live = record.liveOf(name)
  const device = record.devices.get(name)
  const { site, reaches: { edge } = {} } = live ?? {}
  const { inDoubt } = live?.inService ?? {}
  const { goalPercent = 0, served } = ownGoalOf(record, name) ?? {}
  const isBelowGoal = served && goalPercent - served.accuracyPercent >= LEAST_SHORTFALL_PERCENT
  return {
    name,
    health: record.healthOf(record.nodes.get(name)),
    ...(site !== undefined && { site }),
    ...(edge !== undefined && { edge }),
    ...linkOf(record.nodes.get(name)),
    ...(inDoubt !== undefined && { inDoubt }),
    ...(isBelowGoal && { isBelowGoal }),
    ...requestsOf(device, atMs),
  }
}

function requestsOf(device: DeviceRecord | undefined, atMs: number) {
  const { meanMs, byTier } = device?.since(atMs - 1000 * RECENT_SECONDS) ?? {
    meanMs: undefined,
    byTier: { end: 0, edge: 0, cloud: 0 },
  }
  const { newest, decided } = device ?? {}
  return {
    ...(decided !== undefined && { decided }),
    ...(newest && !newest.failed && { lastMs: newest.responseTimeMs }),
    ...(newest && hasFallenBack(newest) && { fellBackTo: formatPlacement(newest.served) }),
    isFailing: newest?.failed ?? false,
    ...(meanMs !== undefined && { meanMs }),
    byTier,
  }
}

function measuredOf(measured: LiveTelemetry['measured']): NonNullable<DeviceView['measured']> {
  const { backgroundProcessorPercent, memoryUsedPercent, roundTripMs, bandwidthMbps } = measured
  return {
    ...{ backgroundProcessorPercent, memoryUsedPercent },
    ...(roundTripMs !== undefined && { roundTripMs }),
    ...(bandwidthMbps !== undefined && { bandwidthMbps }),
  }
}

function quantiles(timesMs: readonly number[]): { p50Ms?: number; p95Ms?: number } {
  const sorted = timesMs.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]
  const [p50Ms, p95Ms] = [at(0.5), at(0.95)]
  return { ...(p50Ms !== undefined && { p50Ms }), ...(p95Ms !== undefined && { p95Ms }) }
}

/** `device-2` before `device-10`. */
const order = new Intl.Collator('en', { numeric: true })
function byName(a: string, b: string): number {
  return order.compare(a, b)
}
