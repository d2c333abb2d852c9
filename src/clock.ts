/** Time as an argument: production code takes a `Clock`, so a run can be simulated and replayed. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes backwards. */
  nowMs(): number
  /** Resolves after `ms` milliseconds of this clock. */
  sleep(ms: number): Promise<void>
}

/** A clock that also acts by itself. */
export interface Timers extends Clock {
  /** Acts once, after `ms` milliseconds. @returns a function that prevents it */
  after(ms: number, act: () => void): () => void
}

/** Acts every `ms` milliseconds. @returns a function that ends it */
export function every(timers: Timers, ms: number, act: () => void): () => void {
  const next = () =>
    timers.after(ms, () => {
      end = next()
      act()
    })
  let end = next()
  return () => end()
}

/** The machine's monotonic clock. */
export const systemClock: Timers = {
  nowMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  after(ms, act) {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
}

/** Processor time of this process, all its threads: what a computation costs, whatever else the machine is doing. */
export const processorClock: Pick<Clock, 'nowMs'> = {
  nowMs() {
    const { user, system } = process.cpuUsage() // µs
    return (user + system) / 1000
  },
}
