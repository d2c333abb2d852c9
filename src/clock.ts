/** Time as an argument: production code takes a `Clock`, so a run can be simulated and replayed. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes backwards. */
  nowMs(): number
  /** Resolves after `ms` milliseconds of this clock. */
  sleep(ms: number): Promise<void>
}

/** The machine's monotonic clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}

/** Processor time of this process, all its threads: what a computation costs, whatever else the machine is doing. */
export const processorClock: Pick<Clock, 'nowMs'> = {
  nowMs() {
    const { user, system } = process.cpuUsage() // µs
    return (user + system) / 1000
  },
}
