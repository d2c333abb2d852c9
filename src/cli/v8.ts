/** How soon V8 looks through all of a node's memory for garbage, and how soon it optimises what runs often. */
import { setFlagsFromString } from 'node:v8'

/**
 * Of what was in use after the last full collection, what may come beside it. A request of 150 KB took 4.3 ms of processor time at 100,
 * 200 and 300 %, 5.1 ms at 50. More than 100 costs memory alone, and lets it swing by 100 MB over minutes.
 */
const GROWTH_PERCENT = 100
/** Bytes of bytecode that a function runs before it may be optimised, in place of 66 KB: the first hundreds of requests, not thousands. */
const OPTIMISE_AFTER_BYTES = 20_000

/**
 * Makes full collections rare. V8 counts the bodies of requests with its heap, though they are dead as soon as they are answered,
 * and leaves the heap of a process that rests between its requests a tenth to a half of its size: then a node of 40 MB is looked
 * through for every 50 bodies of 150 KB, 1 to 2 ms of processor time a request. An upper limit (`--max-old-space-size`) holds as before.
 */
export function spareFullCollections(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`)
}

/**
 * A request runs little code, and each part of it once: by default a node serves thousands by code that is not optimised. To be called
 * once a node is ready: what runs at a start runs once, and optimising it makes a start longer.
 */
export function optimiseSooner(): void {
  setFlagsFromString(`--interrupt-budget=${OPTIMISE_AFTER_BYTES}`)
}
