/**
 * Looking again at what nobody uses: an idle resource (a device's own processor, an edge, the cloud) may have become faster, and no answer
 * would ever tell. One request goes to it every T rounds. Trying costs c/T a round; a gain of g a round that comes with chance λ is missed for
 * T/2 rounds on average, λ g T/2. The sum is least, √(2 c λ g), at
 *
 *     T = √(2 c / (λ g))      λ = (1 + changes found) / (weight + resources · rounds)
 *
 * so in a quiet fleet the pauses grow as the square root of time. What has changed may change back: as likely as not within as many rounds
 * again as it has been so, λ = 1 / (recent rounds + rounds since). c and g are differences of plans on what is believed.
 *
 * A node that said that it sheds load and says so no longer is looked at after the shortest pause: it is likely as it was before.
 */
import { mean } from 'simple-statistics'
import { loadedTier } from '../../fleet/choice.ts'
import type { State } from '../environment/environment.ts'
import { doubtCurve } from '../model/structured/changes.ts'
import { CHANGE, EXPLORE } from '../model/structured/constants.ts'
import type { StructuredModel } from '../model/structured/structured-model.ts'
import { shareOf } from '../planner/load.ts'
import type { Plan, PlanningProblem } from '../planner/problem.ts'
import { responseTimesOf } from '../planner/response-times.ts'

/** One device's request that goes where it tells something. */
export interface Probe {
  readonly device: number
  readonly choice: number
}

/** Plain data. */
export interface SavedProbing {
  /** Round from which each resource is worth a look. Shape [resources]. */
  readonly dueAt: Float64Array
  readonly next: number
  readonly nextPair: number
  readonly tried: number
  /** Absent where it was saved before nodes told of it. */
  readonly relievedAt?: Float64Array
  readonly shedding?: readonly boolean[]
}

/** Solves a problem; the same every time. */
type Planner = (problem: PlanningProblem) => Plan

/** When each resource and each untried variant was looked at, and which is next. */
export class Probing {
  /** Devices, edges, the cloud. */
  private dueAt: Float64Array
  /** The resource looked at next. */
  private next = 0
  private nextPair = 0
  /** The resource last tried; -1: none in the last round. */
  private tried = -1
  /** Round in which each resource last ceased to shed load; -1: none. */
  private relievedAt: Float64Array
  /** As the shared nodes said last. */
  private shedding: readonly boolean[] = []

  constructor(resources: number) {
    this.dueAt = new Float64Array(resources)
    this.relievedAt = new Float64Array(resources).fill(-1)
  }

  /** What nodes say of the load that they can take: one that begins to shed it is doubted, one that ceases to is due for a look. */
  hear(model: StructuredModel, { features, shedding = [] }: State): void {
    for (const node of model.knots.keys()) {
      const sheds = shedding[node] ?? false
      const hasShed = this.shedding[node] ?? false
      const resource = model.layout.devices + node
      if (sheds && !hasShed) doubtCurve(model, features, node)
      if (!sheds && hasShed) {
        this.relievedAt[resource] = model.knowledge.round
        this.dueAt[resource] = model.knowledge.round
      }
    }
    this.shedding = shedding
  }

  /**
   * The probe that is worth its cost now; undefined: none.
   * @param expected what is believed, not to be changed
   */
  choose(
    model: StructuredModel,
    state: State,
    expected: PlanningProblem,
    plan: Planner,
  ): Probe | undefined {
    const { round } = model.knowledge
    const hinted = this.hinted(model)
    if (hinted !== undefined) return probeOf(model, state, expected, hinted)
    this.tried = -1
    const resources = this.dueAt.length
    for (let look = 0; look < resources; look++) {
      const resource = (this.next + look) % resources
      if (!this.isDue(model, resource)) continue
      this.next = (resource + 1) % resources
      const probe = probeOf(model, state, expected, resource)
      const idleSince = model.knowledge.latest.round[resource]
      const isRelieved = this.relievedAt[resource] > idleSince
      const pause = !probe
        ? EXPLORE.mostPause
        : isRelieved
          ? EXPLORE.leastPause
          : pauseOf(model, expected, plan, resource, probe)
      const isNow = probe !== undefined && round - idleSince >= pause
      this.dueAt[resource] = isNow
        ? round + EXPLORE.leastPause
        : Math.max(round + 1, idleSince + pause)
      if (isNow) this.tried = resource
      return isNow ? probe : undefined
    }
    return this.untried(model, expected, plan)
  }

  /**
   * A variant that a device never ran, once it has paid to find out: as many rounds again as have passed, at a chance of `untriedChance`
   * that it is `probedFactor` times faster than others let expect. One is looked at in a round.
   */
  private untried(
    model: StructuredModel,
    expected: PlanningProblem,
    plan: Planner,
  ): Probe | undefined {
    const { choices, devices, ownTimesMs } = expected
    const { rows, round } = model.knowledge
    const pairs = devices * choices.length
    for (let look = 0; look < pairs; look++) {
      const pair = (this.nextPair + look) % pairs
      const [device, choice] = [Math.floor(pair / choices.length), pair % choices.length]
      const variant = model.variantOf[choice]
      if (variant < 0 || ownTimesMs[pair] === Number.POSITIVE_INFINITY) continue
      if ([...rows[device].values()].some(({ cells }) => cells[variant])) continue
      this.nextPair = pair + 1
      if (!mayGain(expected, ownTimesMs[pair])) return undefined
      const probe = { device, choice }
      const best = plan(expected)
      const own = ownTimesMs.slice()
      own[pair] /= EXPLORE.probedFactor
      const gain = best.responseTimeMs - plan({ ...expected, ownTimesMs: own }).responseTimeMs
      if (gain < EXPLORE.leastGain * best.responseTimeMs) return undefined
      const cost = costOf(expected, plan, probe, best.responseTimeMs)
      return round * EXPLORE.untriedChance * gain > cost ? probe : undefined
    }
    return undefined
  }

  save(): SavedProbing {
    const { next, nextPair, tried, shedding } = this
    const relievedAt = this.relievedAt.slice()
    return { dueAt: this.dueAt.slice(), next, nextPair, tried, relievedAt, shedding }
  }

  restore({ dueAt, next, nextPair, tried, relievedAt, shedding = [] }: SavedProbing): void {
    this.dueAt = dueAt.slice()
    this.relievedAt = relievedAt?.slice() ?? new Float64Array(dueAt.length).fill(-1)
    this.shedding = shedding
    this.next = next
    this.nextPair = nextPair
    this.tried = tried
  }

  private isDue({ knowledge: { round, latest } }: StructuredModel, resource: number): boolean {
    return round >= this.dueAt[resource] && round - latest.round[resource] >= EXPLORE.leastPause
  }

  /** The resource just tried, if it answered clearly too fast: another look at once tells whether it changed. */
  private hinted({ knowledge: { round, latest } }: StructuredModel): number | undefined {
    const { tried } = this
    const isHint =
      tried >= 0 && latest.round[tried] === round && latest.surprise[tried] < -EXPLORE.hint
    return isHint ? tried : undefined
  }
}

/** Rounds between two tries of an idle resource. */
function pauseOf(
  model: StructuredModel,
  expected: PlanningProblem,
  plan: Planner,
  resource: number,
  probe: Probe,
): number {
  const { changes, changedAt, round, latest } = model.knowledge
  if (resource < expected.devices && !mayGain(expected, slowestMs(model, expected, resource))) {
    return EXPLORE.mostPause
  }
  const best = plan(expected)
  const gain = best.responseTimeMs - plan(faster(model, expected, resource)).responseTimeMs
  if (gain < EXPLORE.leastGain * best.responseTimeMs) return EXPLORE.mostPause
  const cost = costOf(expected, plan, probe, best.responseTimeMs)
  const anyRate = (1 + changes) / (CHANGE.roundsPerChange + latest.round.length * round)
  const againRate = 1 / (CHANGE.recentRounds + round - changedAt[resource])
  const rate = Math.max(anyRate, againRate)
  const pause = Math.sqrt((2 * cost) / (rate * gain))
  const mostPause = Math.max(EXPLORE.mostPause, cost / (EXPLORE.cheapShare * best.responseTimeMs))
  return Math.min(mostPause, Math.max(EXPLORE.leastPause, pause))
}

/**
 * Whether plans can differ by enough if one device needs a third of its time: by no more than what it saves, as the decision that is best then
 * was possible before. Spares many devices two plans a round. @param ownMs the most that becomes faster
 */
function mayGain(problem: PlanningProblem, ownMs: number): boolean {
  const savedMs = ownMs * (1 - 1 / EXPLORE.probedFactor)
  return savedMs / problem.devices >= EXPLORE.leastGain * fastestMs(problem)
}

/** What the device may need at most for what it serves itself. */
function slowestMs(model: StructuredModel, problem: PlanningProblem, device: number): number {
  const times = model.localChoices.map(
    (choice) => problem.ownTimesMs[device * problem.choices.length + choice],
  )
  return Math.max(0, ...times.filter((ms) => ms < Number.POSITIVE_INFINITY))
}

/** No plan takes less on average: every device as fast as it may be, whatever the others do and the goal is. */
function fastestMs(problem: PlanningProblem): number {
  const { devices, choices, ownTimesMs, edgeOf, edgeCurvesMs, cloudCurveMs } = problem
  const least = (curve: Float64Array) =>
    curve.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const [edgesMs, cloudMs] = [edgeCurvesMs.map(least), least(cloudCurveMs)]
  let totalMs = 0
  for (let device = 0; device < devices; device++) {
    let ms = Number.POSITIVE_INFINITY
    for (const [choice, taken] of choices.entries()) {
      const ownMs = ownTimesMs[device * choices.length + choice]
      const nodeMs = { end: 0, edge: edgesMs[edgeOf[device]], cloud: cloudMs }[loadedTier(taken)]
      ms = Math.min(ms, ownMs + shareOf(problem, device, choice) * nodeMs)
    }
    totalMs += ms
  }
  return totalMs / devices
}

/** How much more a round with the probe takes than the best one. */
function costOf(expected: PlanningProblem, plan: Planner, probe: Probe, bestMs: number): number {
  const { decision } = plan(pinned(expected, probe))
  return Math.max(0, mean([...responseTimesOf(expected, decision)]) - bestMs)
}

/** The same problem with the resource as fast as it might have become. */
function faster(
  model: StructuredModel,
  problem: PlanningProblem,
  resource: number,
): PlanningProblem {
  const { devices } = problem
  const factor = 1 / EXPLORE.probedFactor
  if (resource < devices) {
    const ownTimesMs = problem.ownTimesMs.slice()
    for (const choice of model.localChoices)
      ownTimesMs[resource * problem.choices.length + choice] *= factor
    return { ...problem, ownTimesMs }
  }
  const scaled = (curve: Float64Array) => curve.map((ms) => ms * factor)
  const node = resource - devices
  if (node === problem.edgeCurvesMs.length) {
    return { ...problem, cloudCurveMs: scaled(problem.cloudCurveMs) }
  }
  const edgeCurvesMs = problem.edgeCurvesMs.map((curve, edge) =>
    edge === node ? scaled(curve) : curve,
  )
  return { ...problem, edgeCurvesMs }
}

/** The same problem in which the probe is better than anything else. The goal still holds: a probe that breaks it is not taken. */
export function pinned(problem: PlanningProblem, { device, choice }: Probe): PlanningProblem {
  const ownTimesMs = problem.ownTimesMs.slice()
  let most = 0
  for (const ms of ownTimesMs) if (ms < Number.POSITIVE_INFINITY) most = Math.max(most, ms)
  for (const curve of [...problem.edgeCurvesMs, problem.cloudCurveMs])
    for (const ms of curve) most = Math.max(most, ms)
  ownTimesMs[device * problem.choices.length + choice] -= 2 * problem.devices * most
  return { ...problem, ownTimesMs }
}

/** By whom and how a resource is tried: a device by its best-known variant, a node by the device nearest to it. */
function probeOf(
  model: StructuredModel,
  { features }: State,
  { devices, choices, ownTimesMs }: PlanningProblem,
  resource: number,
): Probe | undefined {
  const isOpen = (device: number, choice: number) =>
    ownTimesMs[device * choices.length + choice] < Number.POSITIVE_INFINITY
  if (resource < devices) {
    const { cells } = model.rowIn(features, resource)
    const open = model.localChoices.filter((choice) => isOpen(resource, choice))
    const last = model.knowledge.latest.round[resource]
    // What it only ran since then does not tell whether the rest is out of date.
    const known = (choice: number) => {
      const cell = cells[model.variantOf[choice]]
      return cell && cell.since <= last ? cell.precision : 0
    }
    const [first, ...rest] = open
    if (first === undefined) return undefined
    return {
      device: resource,
      choice: rest.reduce((best, choice) => (known(choice) > known(best) ? choice : best), first),
    }
  }
  const node = resource - devices
  let nearest: Probe | undefined
  for (const [choice, { escalation }] of choices.entries()) {
    // What only escalates there tells of it now and then.
    if (escalation) continue
    for (let device = 0; device < devices; device++) {
      if (model.sharedNode(device, choice) !== node || !isOpen(device, choice)) continue
      const best = nearest
        ? ownTimesMs[nearest.device * choices.length + nearest.choice]
        : Number.POSITIVE_INFINITY
      if (ownTimesMs[device * choices.length + choice] < best) nearest = { device, choice }
    }
  }
  return nearest
}
