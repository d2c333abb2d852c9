/** Runs by their settings, and values by what they have in common. */
import type { Run, RunSettings } from './experiment.ts'

/** Those with exactly these values among their settings. */
export function runsWith<R extends Run>(runs: readonly R[], settings: Partial<R['settings']>): R[] {
  const wanted = Object.entries(settings)
  return runs.filter((run) =>
    wanted.every(([name, value]) => Reflect.get(run.settings, name) === value),
  )
}

/** Values of a setting, each once, in order of first appearance. */
export function valuesOf<Settings extends RunSettings, Name extends keyof Settings>(
  runs: readonly Run<Settings>[],
  name: Name,
): Settings[Name][] {
  return distinct(runs.map(({ settings }) => settings[name]))
}

/** In order of first appearance. */
export function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}

/** In order of first appearance. */
export function grouped<T, Key>(
  values: readonly T[],
  keyOf: (value: T) => Key,
): (readonly [key: Key, own: readonly T[]])[] {
  const groups = new Map<Key, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const own = groups.get(key)
    if (own) own.push(value)
    else groups.set(key, [value])
  }
  return [...groups]
}
