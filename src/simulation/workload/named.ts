/** Workloads by name, as a command line states them. */
import { ConfigError } from '../../errors.ts'
import { WINDOW_NAMES } from './windows.ts'
import type { Workload } from './workload.ts'

/** Usual parameters, by workload. */
export const WORKLOAD_PARAMETERS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  poisson: {},
  gamma: { gapCv: 3 },
  mmpp: { factor: 6, quietMs: 6000, burstMs: 2000 },
  plateau: { factor: 5, pauseMs: 15_000, plateauMs: 5000 },
  'on-off': { onMs: 5000, offMs: 10_000 },
  diurnal: { peakToTrough: 3, periodMs: 60_000 },
  twitter: {},
}

/** Shapes with parameters, then published windows. */
export const WORKLOAD_NAMES: readonly string[] = [
  ...Object.keys(WORKLOAD_PARAMETERS),
  ...WINDOW_NAMES,
]

/** A workload as flags state it. */
export interface NamedWorkload {
  readonly workload: string
  /** Mean of the workload. */
  readonly ratePerS: number
  readonly durationMs: number
  /** In place of the usual ones. */
  readonly parameters?: Readonly<Record<string, number>>
}

/** @throws ConfigError for a name or parameter that is not known */
export function workloadNamed(named: NamedWorkload): Workload {
  const { workload, ratePerS, durationMs, parameters = {} } = named
  const known = WORKLOAD_PARAMETERS[workload] ?? {}
  const unknown = Object.keys(parameters).find((name) => !(name in known))
  if (unknown !== undefined) {
    const names = Object.keys(known)
    throw new ConfigError(
      `workload ${workload} has no parameter "${unknown}": ${names.length > 0 ? `it has ${names.join(', ')}` : 'it has none'}`,
    )
  }
  if (WINDOW_NAMES.includes(workload)) {
    return { kind: 'window', window: workload, ratePerS, durationMs }
  }
  return { kind: workload, ...known, ...parameters, ratePerS, durationMs } as Workload
}
