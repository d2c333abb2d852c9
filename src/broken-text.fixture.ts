import type { Random } from './random.ts'

/** Values that are rarely right, in JSON as in YAML. */
const ODD = [
  ...['null', '[]', '{}', '-1', '1e999', '""', '"\\u0000"', '[[[[1]]]]', 'true', '9e15'],
  ...['{"a":null}', '0', '.5', '"x"', '-1e-300', '[null]'],
]

/** A text with something wrong in one place: cut off, a character changed, a part left out or moved, or an odd value in place of one. */
export function brokenText(
  good: string,
  random: Random,
  values: readonly RegExpMatchArray[],
): string {
  const kind = random.integer(4)
  const at = random.integer(good.length)
  if (kind === 0) return good.slice(0, at)
  if (kind === 1)
    return good.slice(0, at) + String.fromCharCode(random.integer(256)) + good.slice(at + 1)
  if (kind === 2) return good.slice(0, at) + good.slice(random.integer(good.length))
  const value = values[random.integer(values.length)]
  if (value?.index === undefined) return good
  const odd = ODD[random.integer(ODD.length)] ?? ''
  return good.slice(0, value.index) + odd + good.slice(value.index + value[0].length)
}
