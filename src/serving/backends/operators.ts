/** Provider of ONNX Runtime → operators of a model that it ran. */
export type OperatorsByProvider = Readonly<Record<string, number>>

/** `cuda (40 operators), cpu (3)`, the busiest first. */
export function operatorsText(operators: OperatorsByProvider): string {
  return Object.entries(operators)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, count], index) => `${name} (${count}${index === 0 ? ' operators' : ''})`)
    .join(', ')
}
