/** Hyperparameters by name, to change single ones: `{ 'epsilon.last': 0.05 }`. */
import { ConfigError } from '../../errors.ts'

/** Values by the path of a number in a configuration, or of a boolean (0 or 1); parts of a path are joined by dots. */
export type Overrides = Readonly<Record<string, number>>

/**
 * @param name of whose configuration it is, for errors
 * @returns a copy of the configuration with the given numbers
 * @throws ConfigError when a path leads to no number of it
 */
export function withOverrides<T extends object>(
  configuration: T,
  overrides: Overrides,
  name: string,
): T {
  const known = pathsOf(configuration)
  const unknown = Object.keys(overrides).find((path) => !known.includes(path))
  if (unknown !== undefined) {
    throw new ConfigError(
      `agent "${name}" has no hyperparameter "${unknown}": use one of ${known.join(', ')}`,
    )
  }
  return replaced(configuration, overrides, '') as T
}

function pathsOf(configuration: object, prefix = ''): string[] {
  return Object.entries(configuration).flatMap(([key, value]) =>
    typeof value === 'object' ? pathsOf(value, `${prefix}${key}.`) : [`${prefix}${key}`],
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
