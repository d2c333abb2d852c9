import type { Instance, OpenChoices } from './instance.ts'

/** Of an instance whose loads are fractions. */
export function openChoices(instance: Omit<Instance, 'open'>): OpenChoices {
  const { devices, choices, firstEdge, firstCloud, own, loss, load, levels, closedMs } = instance
  const levelOf = new Uint8Array(256)
  for (const [level, units] of levels.entries()) levelOf[units] = level
  let count = 0
  for (let at = 0; at < own.length; at++) if (own[at] !== closedMs) count++
  const open = {
    first: new Int32Array(3 * devices + 1),
    own: new Float64Array(count),
    loss: new Float64Array(count),
    column: new Uint16Array(count),
    level: new Uint8Array(count),
  }
  let next = 0
  for (let row = 0; row < devices; row++) {
    for (let column = 0; column < choices; column++) {
      if (column === firstEdge) open.first[3 * row + 1] = next
      if (column === firstCloud) open.first[3 * row + 2] = next
      const at = row * choices + column
      if (own[at] === closedMs) continue
      open.own[next] = own[at]
      open.loss[next] = loss[column]
      open.column[next] = column
      open.level[next] = column < firstEdge ? 0 : levelOf[load[at]]
      next++
    }
    if (firstEdge === choices) open.first[3 * row + 1] = next
    if (firstCloud === choices) open.first[3 * row + 2] = next
    open.first[3 * row + 3] = next
  }
  return open
}
