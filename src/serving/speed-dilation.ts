/**
 * Emulated speed. An inference that took processor time d on this machine takes d / share on the emulated core, share
 * being usual processor time of its variant / time that the variant is to take. Processor time, not elapsed time:
 * what other processes take of this machine must not count. The usual time is a running median, because this
 * machine's own speed drifts: measured here with seven emulated nodes on two cores, a share fixed at the start
 * missed the target by 22 % when the machine had been busier then, the running one by 4 %.
 */
import { median } from 'simple-statistics'
import { ConfigError } from '../errors.ts'
import type { Dilation } from './backend.ts'

/** The same for every worker of a node, so that all its emulated cores are equally fast. */
export interface DilationCalibration {
  /** Variant → processor time of its inference on this machine. */
  readonly processorMs: Readonly<Record<string, number>>
  /** Variant → time its inference is to take at the emulated speed. */
  readonly targetsMs: Readonly<Record<string, number>>
}

/**
 * @param processorMs variant → median processor time of its inferences
 * @throws ConfigError when the real machine is slower than the target, or does not tell processor time
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
  if (Object.values(processorMs).some((ms) => !(ms > 0))) {
    throw new ConfigError(
      'emulated speed: this system tells processor time too coarsely; run without emulated speed',
    )
  }
  if (!(targetMs >= realMs)) {
    throw new ConfigError(
      `emulated speed: ${variant} in ${targetMs} ms is faster than this machine (${realMs.toFixed(1)} ms); ` +
        `set a target of at least ${Math.ceil(realMs * 1.2)} ms`,
    )
  }
  const entries = Object.entries(processorMs)
  const targetsMs = entries.map(([name, ms]) => [name, (ms / realMs) * targetMs])
  return { processorMs, targetsMs: Object.fromEntries(targetsMs) }
}

/** Inferences from which the usual processor time of a variant is known. */
const WINDOW = 15
/**
 * A hiccup of the machine, which the share would magnify, counts at most as this multiple of the usual time. Measured
 * as above: coefficient of variation of d0 0.08 (without a limit 0.12), of d7 0.09 (0.18).
 */
const HICCUP_LIMIT = 1.5

/** Stretches the inferences of one worker. */
export class SpeedDilation {
  private readonly targetsMs: Readonly<Record<string, number>>
  /** Variant → latest processor times. */
  private readonly recentMs: ReadonlyMap<string, number[]>

  constructor({ processorMs, targetsMs }: DilationCalibration) {
    this.targetsMs = targetsMs
    const entries = Object.entries(processorMs)
    this.recentMs = new Map(entries.map(([variant, ms]) => [variant, Array(WINDOW).fill(ms)]))
  }

  /** @returns how long this inference is to take at the emulated speed, in ms */
  stretch(variant: string, processorMs: number): number {
    const recent = this.recentMs.get(variant)
    if (recent === undefined) return processorMs
    const usualMs = median(recent)
    recent.push(processorMs)
    recent.shift()
    return this.targetMs(variant) * Math.min(processorMs / usualMs, HICCUP_LIMIT)
  }

  /** |actual / target - 1| in percent. */
  errorPercent(variant: string, actualMs: number): number {
    return Math.abs(actualMs / this.targetMs(variant) - 1) * 100
  }

  private targetMs(variant: string): number {
    return this.targetsMs[variant] ?? Number.NaN
  }
}
