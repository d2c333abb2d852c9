/** Hyperparameters by name, to change single ones: `{ 'epsilon.last': 0.05 }`. */
import { ConfigError } from '../../errors.ts'
import { remedyFor } from './hyperparameter-ranges.ts'

/** Values by the path of a number in a configuration, or of a boolean (0 or 1); parts of a path are joined by dots. */
export type Overrides = Readonly<Record<string, number>>

/**
 * @param name of whose configuration it is, for errors
 * @returns a copy of the configuration with the given numbers
 * @throws ConfigError when a path leads to no number of it, or a number is of no use there
 */
export function withOverrides<T extends object>(
  configuration: T,
  overrides: Overrides,
  name: string,
): T {
  const known = new Map(leavesOf(configuration))
  for (const [path, value] of Object.entries(overrides)) {
    if (!known.has(path)) {
      throw new ConfigError(
        `agent "${name}" has no hyperparameter "${path}": use one of ${[...known.keys()].join(', ')}`,
      )
    }
    const remedy = remedyFor(path, known.get(path), value)
    if (remedy !== undefined) {
      throw new ConfigError(
        `hyperparameter "${path}" of agent "${name}" is ${value}: give ${remedy}`,
      )
    }
  }
  return replaced(configuration, overrides, '') as T
}

/** Path and value of every number and boolean. */
function leavesOf(configuration: object, prefix = ''): [string, unknown][] {
  return Object.entries(configuration).flatMap(([key, value]): [string, unknown][] =>
    typeof value === 'object' ? leavesOf(value, `${prefix}${key}.`) : [[`${prefix}${key}`, value]],
  )
}

function replaced(configuration: object, overrides: Overrides, prefix: string): object {
  return Object.fromEntries(
    Object.entries(configuration).map(([key, value]) => [
      key,
      typeof value === 'object'
        ? replaced(value, overrides, `${prefix}${key}.`)
        : changed(value, overrides[prefix + key]),
    ]),
  )
}

function changed(value: unknown, override: number | undefined): unknown {
  if (override === undefined) return value
  return typeof value === 'boolean' ? override !== 0 : override
}
