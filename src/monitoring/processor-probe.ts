/** How busy the processor is with anything but this node's own work. */
import { cpus } from 'node:os'
import { ConfigError } from '../errors.ts'

/** Background load since the sample before, percent of all cores. */
export type ProcessorProbe = () => number

/** Totals since some start, in ms of processor time. */
export interface ProcessorTimes {
  /** All cores, all processes. */
  readonly busyMs: number
  /** All cores, idle time included. */
  readonly totalMs: number
  /** This process, all its threads. */
  readonly ownMs: number
}

/**
 * Measures this machine. What this process uses is its own inference, which the decision already says; the rest is
 * background. Not for several nodes on one machine, where each would be the others' background.
 */
export function systemProcessorProbe(read: () => ProcessorTimes = readTimes): ProcessorProbe {
  let last = read()
  return () => {
    const now = read()
    const totalMs = now.totalMs - last.totalMs
    const backgroundMs = now.busyMs - last.busyMs - (now.ownMs - last.ownMs)
    last = now
    if (totalMs <= 0) return 0
    return Math.min(100, Math.max(0, (100 * backgroundMs) / totalMs))
  }
}

/** An emulated load: for several nodes on one machine. @throws ConfigError when it is not a percentage */
export function fixedProcessorProbe(percent: number): ProcessorProbe {
  if (!(percent >= 0 && percent <= 100)) {
    throw new ConfigError(`a background load of ${percent} % is none: give 0 to 100`)
  }
  return () => percent
}

function readTimes(): ProcessorTimes {
  let busyMs = 0
  let idleMs = 0
  for (const { times } of cpus()) {
    busyMs += times.user + times.nice + times.sys + times.irq
    idleMs += times.idle
  }
  const { user, system } = process.cpuUsage()
  return { busyMs, totalMs: busyMs + idleMs, ownMs: (user + system) / 1000 }
}
