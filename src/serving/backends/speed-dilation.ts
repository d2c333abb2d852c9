/**
 * Emulated speed. An inference whose processor time on this machine is d takes d / share on the emulated core. The share
 * is the one at which a reference variant takes its target time, so the ratios between variants are this machine's own.
 * d is the median at warm-up, of processor time and not elapsed time: what other processes take must not count. One
 * request's own d is not magnified: with seven emulated nodes on two cores it varied by 8 to 18 %, and by a third between a
 * crowded and a quiet moment, which says something of the other nodes' use of this machine and nothing of the emulated core.
 */
import { ConfigError } from '../../errors.ts'
import type { EmulatedSpeed } from './backend.ts'

/** Variant → time its inference is to take, ms. The same for every worker of a node: its emulated cores are equally fast. */
export type DilationTargets = Readonly<Record<string, number>>

/**
 * @param processorMs variant → median processor time of its inferences
 * @throws ConfigError when the real machine is slower than the target, or does not tell processor time
 */
export function dilationTargets(
  { variant, targetMs }: EmulatedSpeed,
  processorMs: Readonly<Record<string, number>>,
): DilationTargets {
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
  return Object.fromEntries(
    Object.entries(processorMs).map(([name, ms]) => [name, (ms / realMs) * targetMs]),
  )
}

/** Targets of a node whose services take `slowdown` times as long as profiled. */
export function slowed(
  profiledMs: Readonly<Record<string, number>>,
  slowdown: number,
): DilationTargets {
  return Object.fromEntries(Object.entries(profiledMs).map(([name, ms]) => [name, ms * slowdown]))
}

/** |actual / target - 1| in percent. */
export function dilationErrorPercent(actualMs: number, targetMs: number): number {
  return Math.abs(actualMs / targetMs - 1) * 100
}
