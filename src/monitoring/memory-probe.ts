/** How full this node's memory is. */
import { totalmem } from 'node:os'

/** Memory in use, percent of what there is. */
export type MemoryProbe = () => number

/** Memory that there is, and that is free. */
export interface MemoryBytes {
  readonly availableBytes: number
  readonly totalBytes: number
}

/** Of the machine, or of the container where it sets a limit. */
export function systemMemoryProbe(read: () => MemoryBytes = readMemory): MemoryProbe {
  return () => {
    const { availableBytes, totalBytes } = read()
    return Math.min(100, Math.max(0, 100 * (1 - availableBytes / totalBytes)))
  }
}

function readMemory(): MemoryBytes {
  const limitBytes = process.constrainedMemory()
  const isLimited = limitBytes > 0 && limitBytes < totalmem()
  return {
    availableBytes: process.availableMemory(),
    totalBytes: isLimited ? limitBytes : totalmem(),
  }
}
