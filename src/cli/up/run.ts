/** One run of `tierwise up`: start the fleet, learn, measure what to compare with, stop. */
import { join } from 'node:path'
import pino from 'pino'
import type { LiveTelemetry } from '../../control/messages.ts'
import { connectControlPlane } from '../../control/mqtt-control-plane.ts'
import { TierwiseError, UnavailableError } from '../../errors.ts'
import { choicesOf, mostAccurate } from '../../fleet/choice.ts'
import type { Profile } from '../../learning/agents/baselines/oracle.ts'
import { checkOrchestration, readProfile } from '../check-orchestration.ts'
import { builtCatalogue } from '../models-on-disk.ts'
import { loadPictures } from '../pictures.ts'
import { runApplications } from './applications.ts'
import { type Comparison, compare } from './compare.ts'
import { type FleetSettings, fleetSettings } from './fleet-settings.ts'
import { type LearningEnd, learn } from './learn.ts'
import { reportOf } from './outcome.ts'
import { FleetProcesses } from './processes.ts'
import type { UpReport } from './report.ts'
import { RoundLog } from './round-log.ts'
import { Screen } from './screen.ts'
import { pauseMs, type UpSettings } from './settings.ts'

export interface RunOptions extends LearningEnd {
  /** For logs and the learner's checkpoint. */
  readonly folder: string
  /** Measure the fixed strategies and the oracle at the end. */
  readonly compare: boolean
}

export interface RunResult {
  readonly report: UpReport
  readonly profile: Profile | undefined
}

/** The first Ctrl-C ends learning, the second the comparison; SIGTERM ends both. */
class Interrupts {
  readonly learning = new AbortController()
  readonly comparison = new AbortController()
  private readonly onInterrupt = () => {
    if (this.learning.signal.aborted) this.comparison.abort()
    this.learning.abort()
  }
  private readonly onTerminate = () => {
    this.learning.abort()
    this.comparison.abort()
  }

  constructor() {
    process.on('SIGINT', this.onInterrupt)
    process.on('SIGTERM', this.onTerminate)
  }

  /** What is under way, unless learning is interrupted before it is done. @throws TierwiseError of code `interrupted` */
  async orInterrupted(underway: Promise<void>): Promise<void> {
    const { signal } = this.learning
    const interrupted = new Promise<never>((_, reject) => {
      const stop = () =>
        reject(new TierwiseError('stopped before the fleet was ready', 'interrupted', 503))
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    })
    interrupted.catch(() => {})
    underway.catch(() => {})
    await Promise.race([underway, interrupted])
  }

  release(): void {
    process.off('SIGINT', this.onInterrupt)
    process.off('SIGTERM', this.onTerminate)
  }
}

/** @throws UnavailableError when a node does not start; the fleet is stopped whatever happens */
export async function run(settings: UpSettings, options: RunOptions): Promise<RunResult> {
  const log = new RoundLog()
  const screen = new Screen(log)
  const catalogue = await builtCatalogue(settings.catalogue, (text) => screen.say(text))
  const choices = choicesOf(catalogue.catalogue.variants)
  const profile = settings.profile === undefined ? undefined : await readProfile(settings.profile)
  checkOrchestration({ ...settings, profile }, choices)
  const { name: reference } = mostAccurate(catalogue.catalogue.variants)
  const fleet = await fleetSettings(settings, catalogue.file, options.folder, reference)
  const processes = new FleetProcesses(
    fleet.nodes,
    join(options.folder, 'logs'),
    ({ node, text }) => screen.say(`${node} ${text}`),
  )
  const interrupts = new Interrupts()
  try {
    screen.say(
      `Starting ${fleet.nodes.length} nodes: ${settings.devices} devices, 1 edge, 1 cloud…`,
    )
    await interrupts.orInterrupted(processes.start((name) => screen.say(`  ${name} is ready`)))
    screen.say(`Live page: ${fleet.pageUrl}`)
    return await learnAndCompare(settings, options, fleet, catalogue, log, screen, interrupts)
  } finally {
    screen.end()
    await processes.stop()
    interrupts.release()
  }
}

type OnDisk = Awaited<ReturnType<typeof builtCatalogue>>

async function learnAndCompare(
  settings: UpSettings,
  options: RunOptions,
  fleet: FleetSettings,
  { catalogue }: OnDisk,
  log: RoundLog,
  screen: Screen,
  interrupts: Interrupts,
): Promise<RunResult> {
  const logger = pino({ level: 'silent' })
  const control = await connectControlPlane({ url: fleet.brokerUrl, clientId: 'up', logger })
  const telemetry = new Map<string, LiveTelemetry>()
  await control.subscribe('telemetry', (message) => {
    if (message.alive) telemetry.set(message.node, message)
  })
  await control.subscribe('jointDecision', (message) => log.add(message))
  const traffic = new AbortController()
  const applications = runApplications(
    {
      applications: fleet.applications,
      model: catalogue.model,
      pictures: await loadPictures(catalogue),
      pauseMs: pauseMs(settings),
      timeoutMs: 2 * settings.requestTimeoutMs,
    },
    traffic.signal,
  )
  try {
    const startMs = performance.now()
    screen.begin('learning', options.forMs === undefined ? undefined : startMs + options.forMs)
    await learn(log, options, interrupts.learning.signal)
    const learned = {
      rounds: [...log.rounds],
      latest: log.latest,
      seconds: (performance.now() - startMs) / 1000,
    }
    if (learned.rounds.length === 0 && !interrupts.learning.signal.aborted) {
      throw new UnavailableError(`no round closed: see the logs in ${options.folder}`)
    }
    let comparison: Comparison | undefined
    if (options.compare && learned.rounds.length > 0) {
      screen.begin('measuring the fixed strategies and the oracle (Ctrl-C to end now)')
      const devices = fleet.applications.map(({ device }) => device)
      const choices = choicesOf(catalogue.variants)
      comparison = await compare(
        { control, log, devices, choices, signal: interrupts.comparison.signal },
        settings.goal,
        (done, total) => screen.measured(done, total),
      )
    }
    const report = reportOf(settings, learned, comparison, applications.traffic, [
      ...telemetry.values(),
    ])
    return { report, profile: comparison?.profile }
  } finally {
    traffic.abort()
    await applications.done
    await control.close()
  }
}
