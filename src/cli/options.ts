/** Values as they are typed on a command line, checked at the door. */
import { InvalidArgumentError } from 'commander'

/** `60s`, `5m`, `1h`, `500ms` or plain seconds → milliseconds. */
export function parseDurationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text)
  const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? 's']
  const durationMs = Number(match?.[1]) * (unitMs ?? Number.NaN)
  if (Number.isFinite(durationMs) && durationMs > 0) return durationMs
  throw new InvalidArgumentError('write a duration such as 60s, 5m or 500ms')
}

/** A whole number in [low, high]. */
export function parseInteger(
  low: number,
  high = Number.MAX_SAFE_INTEGER,
): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= low && value <= high) return value
    throw new InvalidArgumentError(
      high === Number.MAX_SAFE_INTEGER
        ? `write a whole number from ${low}`
        : `write a whole number from ${low} to ${high}`,
    )
  }
}

/** Average accuracy in percent. */
export function parseGoal(text: string): number {
  const value = Number(text)
  if (text !== '' && value >= 0 && value <= 100) return value
  throw new InvalidArgumentError('write an average accuracy in percent, from 0 (no goal) to 100')
}

/** `name=number`, given any number of times → an object of them all. */
export function parseAssignment(
  text: string,
  before: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const [name, value, ...rest] = text.split('=')
  const number = Number(value)
  if (name && value?.trim() && rest.length === 0 && Number.isFinite(number)) {
    return { ...before, [name]: number }
  }
  throw new InvalidArgumentError('write a name and a number, such as epsilon.last=0.05')
}

/** `a, b` → `['a', 'b']`. */
export function parseNames(text: string): string[] {
  return text.split(',').map((name) => name.trim())
}

export function parsePositive(text: string): number {
  const value = Number(text)
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value
  throw new InvalidArgumentError('write a number above 0')
}

/** The file of a picture. */
export function parsePlot(text: string): string {
  if (/\.(svg|html)$/.test(text)) return text
  throw new InvalidArgumentError('write a file name that ends in .svg or .html')
}
