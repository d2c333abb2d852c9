/**
 * Emulated speed. An inference that took processor time d is stretched to d / share, the share of a core that the
 * emulated node has. Processor time, not elapsed time: what other processes of this machine take must not count.
 */
import { median } from 'simple-statistics'
import { ConfigError } from '../errors.ts'
import type { Dilation } from './backend.ts'

/** The same for every worker of a node, so that all its emulated cores are equally fast. */
export interface DilationCalibration {
  /** Share of a core, in (0, 1]. */
  readonly share: number
  /** Variant → the time its inference takes at this speed: the target that actual times are compared with. */
  readonly targetsMs: Readonly<Record<string, number>>
}

/**
 * @param processorMs variant → median processor time of its inferences
 * @throws ConfigError when the real machine is slower than the target
 */
export function calibrate(
  { variant, targetMs }: Dilation,
  processorMs: Readonly<Record<string, number>>,
): DilationCalibration {
  const realMs = processorMs[variant]
  if (realMs === undefined) {
    const known = Object.keys(processorMs).join(', ')
    throw new ConfigError(`emulated speed: there is no variant "${variant}"; name one of ${known}`)
  }
  if (!(targetMs >= realMs)) {
    throw new ConfigError(
      `emulated speed: ${variant} in ${targetMs} ms is faster than this machine (${realMs.toFixed(1)} ms); ` +
        `set a target of at least ${Math.ceil(realMs * 1.2)} ms`,
    )
  }
  const share = realMs / targetMs
  const targetsMs: Record<string, number> = {}
  for (const [name, ms] of Object.entries(processorMs)) targetsMs[name] = ms / share
  return { share, targetsMs }
}

/** Inferences over which the usual processor time of a variant is known. */
const WINDOW = 31
/** A hiccup of the machine counts at most as this multiple of the usual time, because it too is divided by the share. */
const HICCUP_LIMIT = 2

/** Stretches the inferences of one worker. */
export class SpeedDilation {
  readonly calibration: DilationCalibration
  private readonly recentMs = new Map<string, number[]>()

  constructor(calibration: DilationCalibration) {
    this.calibration = calibration
  }

  /** @returns how long the inference takes at the emulated speed, in ms */
  stretch(variant: string, processorMs: number): number {
    const recent = this.recentMs.get(variant) ?? []
    const usualMs = recent.length > 0 ? median(recent) : processorMs
    recent.push(processorMs)
    if (recent.length > WINDOW) recent.shift()
    this.recentMs.set(variant, recent)
    return Math.min(processorMs, HICCUP_LIMIT * usualMs) / this.calibration.share
  }

  /** |actual / target - 1| in percent. */
  errorPercent(variant: string, actualMs: number): number {
    const targetMs = this.calibration.targetsMs[variant]
    return targetMs === undefined ? 0 : Math.abs(actualMs / targetMs - 1) * 100
  }
}
