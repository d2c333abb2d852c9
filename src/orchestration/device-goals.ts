/**
 * Goals that devices have for themselves: an average over each one's own requests. A device has one choice at a time, so a choice at or
 * above its goal keeps it; what fallbacks and earlier decisions cost is paid back by choices above what its window owes.
 */
import type { DeviceGoal } from '../control/messages.ts'
import type { Choice } from '../fleet/choice.ts'
import { meetsGoal } from '../fleet/goal.ts'
import { mostAccurateOpen, openAbove } from '../learning/environment/availability.ts'
import type { Availability } from '../learning/environment/environment.ts'
import type { GoalGovernor } from './goal-governor.ts'
import type { LiveNodes } from './live-nodes.ts'

/** Whose goals, and by what they are kept. */
export interface DeviceGoalsOptions {
  readonly devices: readonly string[]
  readonly choices: readonly Choice[]
  readonly nodes: Pick<LiveNodes, 'availableTo' | 'goalOf'>
  readonly governor: Pick<GoalGovernor, 'raisedFor' | 'servedOf'>
}

/** Of the devices of one problem. A device without a goal may take what there is. */
export class DeviceGoals {
  private readonly options: DeviceGoalsOptions

  constructor(options: DeviceGoalsOptions) {
    this.options = options
  }

  /** What there is for each device, whatever goal it has. */
  get serving(): Availability {
    const { devices, nodes } = this.options
    return devices.map((device) => nodes.availableTo(device))
  }

  /** What keeps each device's goal: nothing else is ever decided. */
  get available(): Availability {
    return this.above(this.serving, (_, goalPercent) => goalPercent)
  }

  /** What keeps it, and pays back what the window owes: what agents choose from. */
  heldOf(serving: Availability): Availability {
    const { governor } = this.options
    return this.above(serving, (device, goalPercent) => governor.raisedFor(device, goalPercent))
  }

  /** By device, of those that have a goal. */
  get report(): Readonly<Record<string, DeviceGoal>> {
    const { devices, nodes } = this.options
    return Object.fromEntries(
      devices.flatMap((device) => {
        const goalPercent = nodes.goalOf(device)
        return goalPercent === undefined ? [] : [[device, this.reportOf(device, goalPercent)]]
      }),
    )
  }

  private reportOf(device: string, goalPercent: number): DeviceGoal {
    const { choices, nodes, governor } = this.options
    const best = choices[mostAccurateOpen(choices, nodes.availableTo(device))]
    const reachablePercent = best?.accuracyPercent ?? 0
    const raisedGoalPercent = Math.min(governor.raisedFor(device, goalPercent), reachablePercent)
    const served = governor.servedOf(device)
    return {
      goalPercent,
      ...(raisedGoalPercent > goalPercent && { raisedGoalPercent }),
      ...(!meetsGoal([reachablePercent], goalPercent) && { reachablePercent }),
      ...(served && { served }),
    }
  }

  private above(
    serving: Availability,
    leastPercent: (device: string, goalPercent: number) => number,
  ): Availability {
    const { devices, choices, nodes } = this.options
    return serving.map((open, index) => {
      const device = devices[index] ?? ''
      const goalPercent = nodes.goalOf(device)
      if (goalPercent === undefined) return open
      return openAbove(choices, open, leastPercent(device, goalPercent))
    })
  }
}
