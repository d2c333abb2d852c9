/**
 * The best joint decision of a profile without trying them all.
 *
 * A device's response time depends on the others only through how many use the same node. So for every number of cloud
 * users and, edge by edge, of edge users, the loads are fixed and the problem is a knapsack: dynamic programming over the
 * devices, keeping for every count of users so far the partial decisions that no other beats in both time and accuracy.
 */

import { ConfigError } from '../../../errors.ts'
import { loadedTier } from '../../../fleet/choice.ts'
import { hundredthsOf } from '../../../fleet/goal.ts'
import type { Decision, Problem } from '../../environment/environment.ts'
import { edgeOfDevice, type Profile, profiledMs } from './oracle-profile.ts'

/** What the devices so far chose, newest first. */
interface Partial {
  readonly sumMs: number
  /** Sum of the accuracies in hundredths of a percent, not counted beyond what the goal needs. */
  readonly sumHundredths: number
  readonly device: number
  readonly choice: number
  readonly before: Partial | undefined
}

/** One choice of one device under given loads. */
interface Option {
  readonly choice: number
  readonly responseTimeMs: number
  readonly hundredths: number
  /** 1 where the choice uses that tier. */
  readonly edge: number
  readonly cloud: number
}

/**
 * @param neededHundredths lowest sum over the devices of accuracies in hundredths of a percent; must be reachable
 * @param open indices of the choices that each device may take; shape [devices][open]
 * @throws ConfigError if the profile lacks a placement, or holds no finite time for any decision
 */
export function searchJointDecisions(
  problem: Problem,
  profile: Profile,
  neededHundredths: number,
  open: readonly (readonly number[])[],
): Decision {
  const search = new Search(problem, profile, neededHundredths, open)
  for (let cloudUsers = 0; cloudUsers <= problem.devices; cloudUsers++) search.run(cloudUsers)
  if (search.best === undefined) {
    throw new ConfigError(
      'every joint decision that meets the goal uses a placement without a finite response time in the profile: measure it',
    )
  }
  const decision = Array.from({ length: problem.devices }, () => 0)
  for (
    let link: Partial | undefined = search.best;
    link?.before !== undefined;
    link = link.before
  ) {
    decision[link.device] = link.choice
  }
  return decision
}

class Search {
  /** The best complete decision so far. */
  best: Partial | undefined
  private readonly problem: Problem
  private readonly profile: Profile
  private readonly neededHundredths: number
  private readonly open: readonly (readonly number[])[]
  /** Devices by their edge. */
  private readonly groups: readonly (readonly number[])[]
  /** Lower bound of the time of the devices that follow so many, in the order of the groups. Shape [devices + 1]. */
  private readonly restMs: readonly number[]
  /** Most hundredths of those devices. Shape [devices + 1]. */
  private readonly restHundredths: readonly number[]

  constructor(
    problem: Problem,
    profile: Profile,
    neededHundredths: number,
    open: readonly (readonly number[])[],
  ) {
    this.problem = problem
    this.profile = profile
    this.neededHundredths = neededHundredths
    this.open = open
    this.groups = devicesByEdge(problem, profile)
    const restMs = [0]
    const restHundredths = [0]
    for (const device of this.groups.flat().reverse()) {
      const highest = Math.max(...open[device].map((choice) => this.hundredthsOf(choice)))
      restMs.unshift(restMs[0] + this.fastestMs(device))
      restHundredths.unshift(restHundredths[0] + highest)
    }
    this.restMs = restMs
    this.restHundredths = restHundredths
  }

  /** Looks for a better decision among those with exactly so many cloud users. */
  run(cloudUsers: number): void {
    const start = { sumMs: 0, sumHundredths: 0, device: -1, choice: -1, before: undefined }
    /** Partial decisions by number of cloud users so far. */
    let byCloud: Partial[][] = Array.from({ length: cloudUsers + 1 }, () => [])
    byCloud[0] = [start]
    let done = 0
    for (const group of this.groups) {
      const after: Partial[][] = byCloud.map(() => [])
      for (let edgeUsers = 0; edgeUsers <= group.length; edgeUsers++) {
        const reached = this.decideGroup(byCloud, group, done, edgeUsers, cloudUsers)
        reached.forEach((partials, cloud) => {
          after[cloud]?.push(...partials)
        })
      }
      byCloud = after.map(unbeaten)
      done += group.length
    }
    for (const partial of byCloud[cloudUsers] ?? []) {
      if (partial.sumHundredths >= this.neededHundredths && partial.sumMs < this.bestMs()) {
        this.best = partial
      }
    }
  }

  /** Extends by the devices of one edge, exactly `edgeUsers` of which use it. Shape [cloudUsers + 1] lists. */
  private decideGroup(
    byCloud: readonly Partial[][],
    group: readonly number[],
    done: number,
    edgeUsers: number,
    cloudUsers: number,
  ): readonly Partial[][] {
    /** By users of the edge, then of the cloud, so far. */
    let layer: Partial[][][] = Array.from({ length: edgeUsers + 1 }, (_, edge) =>
      byCloud.map((partials) => (edge === 0 ? partials : [])),
    )
    group.forEach((device, position) => {
      const options = this.optionsOf(device, edgeUsers, cloudUsers)
      const next: Partial[][][] = layer.map((row) => row.map(() => []))
      layer.forEach((row, edge) => {
        row.forEach((partials, cloud) => {
          for (const option of options) {
            const target = next[edge + option.edge]?.[cloud + option.cloud]
            if (target !== undefined)
              this.extend(partials, device, option, done + position + 1, target)
          }
        })
      })
      layer = next.map((row) => row.map(unbeaten))
    })
    return layer[edgeUsers] ?? []
  }

  /** Appends what can still become the best; `decided` devices are decided then. */
  private extend(
    partials: readonly Partial[],
    device: number,
    option: Option,
    decided: number,
    target: Partial[],
  ): void {
    const restMs = this.restMs[decided]
    const restHundredths = this.restHundredths[decided]
    for (const before of partials) {
      const sumMs = before.sumMs + option.responseTimeMs
      const sumHundredths = Math.min(
        this.neededHundredths,
        before.sumHundredths + option.hundredths,
      )
      if (sumMs + restMs >= this.bestMs() || sumHundredths + restHundredths < this.neededHundredths)
        continue
      target.push({ sumMs, sumHundredths, device, choice: option.choice, before })
    }
  }

  private optionsOf(device: number, edgeUsers: number, cloudUsers: number): Option[] {
    return this.open[device].flatMap((choice) => {
      const taken = this.problem.choices[choice]
      const tier = taken && loadedTier(taken)
      const load = tier === 'edge' ? edgeUsers : tier === 'cloud' ? cloudUsers : 1
      if (load === 0) return []
      return {
        choice,
        responseTimeMs: profiledMs(this.profile, this.problem, device, choice, load),
        hundredths: this.hundredthsOf(choice),
        edge: tier === 'edge' ? 1 : 0,
        cloud: tier === 'cloud' ? 1 : 0,
      }
    })
  }

  /** Over all choices and loads. */
  private fastestMs(device: number): number {
    const loads = Array.from({ length: this.problem.devices }, (_, index) => index + 1)
    return Math.min(
      ...loads.flatMap((load) =>
        this.optionsOf(device, load, load).map((option) => option.responseTimeMs),
      ),
    )
  }

  private hundredthsOf(choice: number): number {
    return hundredthsOf(this.problem.choices[choice]?.accuracyPercent ?? 0)
  }

  private bestMs(): number {
    return this.best?.sumMs ?? Number.POSITIVE_INFINITY
  }
}

function devicesByEdge({ devices }: Problem, profile: Profile): number[][] {
  const groups = new Map<number, number[]>()
  for (let device = 0; device < devices; device++) {
    const edge = edgeOfDevice(profile, device)
    groups.set(edge, [...(groups.get(edge) ?? []), device])
  }
  return [...groups.values()]
}

/** Those that no other beats: faster at the same accuracy, or more accurate in the same time. */
function unbeaten(partials: readonly Partial[]): Partial[] {
  const ordered = partials.toSorted(
    (one, other) => one.sumMs - other.sumMs || other.sumHundredths - one.sumHundredths,
  )
  let mostHundredths = -1
  return ordered.filter(({ sumHundredths }) => {
    if (sumHundredths <= mostHundredths) return false
    mostHundredths = sumHundredths
    return true
  })
}
