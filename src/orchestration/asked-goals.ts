/** Goals of single devices that an operator asked for while the fleet runs: each stands in place of what its device was started with. */
import { isDeepStrictEqual } from 'node:util'
import { type AskedGoal, goalOfDevice, MAX_ASKED_GOALS } from '../control/device-goal.ts'
import type { Goal } from '../control/messages.ts'
import { mostAccurate } from '../fleet/choice.ts'
import { meetsGoal } from '../fleet/goal.ts'
import type { LiveNodes } from './live-nodes.ts'
import type { OrchestratorOptions } from './orchestrator-options.ts'
import type { Standing } from './standing.ts'

type DeviceWish = NonNullable<Goal['deviceGoal']>
type ByDevice = Readonly<Record<string, AskedGoal>>

/** Where they are in force, and whom they are for. */
export interface AskedGoalsOptions extends Pick<OrchestratorOptions, 'choices' | 'logger'> {
  readonly standing: Pick<Standing, 'inForce' | 'change'>
  readonly nodes: Pick<LiveNodes, 'devices' | 'availableTo' | 'ownGoalOf'>
}

/** Those in force. */
export class AskedGoals {
  private readonly options: AskedGoalsOptions

  constructor(options: AskedGoalsOptions) {
    this.options = options
  }

  /** Undefined where none was asked for a device. */
  of(device: string): AskedGoal | undefined {
    return Object.hasOwn(this.inForce, device) ? this.inForce[device] : undefined
  }

  /** Why a device cannot have a goal; undefined where it can. */
  problem({ device, goalPercent }: DeviceWish): string | undefined {
    const { choices, nodes } = this.options
    const isAsked = this.of(device) !== undefined
    if (!nodes.devices.includes(device)) {
      // Of a device that is gone for good, too, a goal can be taken back.
      if (isAsked && goalPercent === 'none') return undefined
      return `no device "${device}" is there and ready: tierwise goal names those that are`
    }
    if (goalPercent === 'none') return undefined
    const open = nodes.availableTo(device)
    const { accuracyPercent } = mostAccurate(choices.filter((_, choice) => open[choice]))
    if (!meetsGoal([accuracyPercent], goalPercent)) {
      return `a goal of ${goalPercent} % cannot be met for ${device}: what serves it now has ${accuracyPercent} % at most`
    }
    if (isAsked || Object.keys(this.inForce).length < MAX_ASKED_GOALS) return undefined
    return `${MAX_ASKED_GOALS} devices have a goal that was asked for, and no more can: start ${device} with --device-goal ${goalPercent}`
  }

  /** In force from now on. What a device says by itself needs no asking. */
  grant({ device, goalPercent }: DeviceWish): void {
    const { [device]: _, ...others } = this.inForce
    const ownPercent = this.options.nodes.ownGoalOf(device)
    const asked = { goalPercent, ...(ownPercent !== undefined && { ownPercent }) }
    const isItsOwn = goalOfDevice(asked, ownPercent) === ownPercent
    this.keep(isItsOwn ? others : { ...others, [device]: asked })
  }

  /** A device that was started with another goal since has that one. */
  forgetOvertaken(): void {
    const { nodes } = this.options
    const devices = new Set(nodes.devices)
    const isStill = ([device, { ownPercent }]: [string, AskedGoal]) =>
      !devices.has(device) || nodes.ownGoalOf(device) === ownPercent
    this.keep(Object.fromEntries(Object.entries(this.inForce).filter(isStill)))
  }

  private get inForce(): ByDevice {
    return this.options.standing.inForce.deviceGoals ?? {}
  }

  private keep(asked: ByDevice): void {
    const { logger, standing } = this.options
    if (isDeepStrictEqual(asked, this.inForce)) return
    logger.info({ deviceGoals: asked }, 'the goals asked for devices are now')
    const { deviceGoals: _, ...others } = standing.inForce
    const isNone = Object.keys(asked).length === 0
    standing.change({ ...others, ...(!isNone && { deviceGoals: asked }) })
  }
}
