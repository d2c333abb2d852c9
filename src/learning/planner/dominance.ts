/**
 * Leaves out what no device needs: a choice is dominated where the same device has another one at the same node, with the same load,
 * that takes no longer and loses no more accuracy. The best decision is never worse without it, whatever the curves are. Cascades
 * make hundreds of choices, of which most are dominated: a threshold of one pair by that of another.
 */
import type { Instance } from './instance.ts'

/** Closes each device's dominated choices; the columns that are open to some device are left. */
export function withoutDominated(instance: Instance): Instance {
  const { devices, choices, firstEdge, firstCloud, own, load, loss, choiceOf } = instance
  const isNeeded = new Uint8Array(choices)
  closeDominated(instance, 0, firstEdge, isNeeded)
  closeDominated(instance, firstEdge, firstCloud, isNeeded)
  closeDominated(instance, firstCloud, choices, isNeeded)
  const kept = Uint16Array.from(isNeeded.keys()).filter((column) => isNeeded[column] === 1)
  const count = kept.length
  const keptOwn = new Float64Array(devices * count)
  const keptLoad = new Uint8Array(devices * count)
  for (let row = 0; row < devices; row++) {
    for (let column = 0; column < count; column++) {
      keptOwn[row * count + column] = own[row * choices + kept[column]]
      keptLoad[row * count + column] = load[row * choices + kept[column]]
    }
  }
  const before = (column: number) => kept.filter((each) => each < column).length
  return {
    ...instance,
    choices: count,
    firstEdge: before(firstEdge),
    firstCloud: before(firstCloud),
    choiceOf: Int32Array.from(kept, (column) => choiceOf[column]),
    loss: Float64Array.from(kept, (column) => loss[column]),
    own: keptOwn,
    load: keptLoad,
  }
}

/** Of columns [from, to), those of one node. @param isNeeded is set where a column stays open to some device. Shape [choices] */
function closeDominated(
  { devices, choices, perUser, own, load, loss, closedMs }: Instance,
  from: number,
  to: number,
  isNeeded: Uint8Array,
): void {
  const columns = Array.from({ length: to - from }, (_, index) => from + index)
  const mostAccurateFirst = Uint16Array.from(columns.toSorted((a, b) => loss[a] - loss[b]))
  /** Of those seen, which are at least as accurate, by load. */
  const leastMs = new Float64Array(perUser + 1)
  for (let row = 0; row < devices; row++) {
    leastMs.fill(closedMs)
    for (const column of mostAccurateFirst) {
      const at = row * choices + column
      const units = load[at]
      if (own[at] < leastMs[units]) {
        leastMs[units] = own[at]
        isNeeded[column] = 1
      } else own[at] = closedMs
    }
  }
}
