/** One run of `tierwise up`: start the fleet, learn, measure what to compare with, stop. */
import { join } from 'node:path'
import pino from 'pino'
import type { ControlPlane } from '../../control/control-plane.ts'
import type { ClosedRound } from '../../control/messages.ts'
import { connectControlPlane } from '../../control/mqtt-control-plane.ts'
import type { LiveTelemetry } from '../../control/telemetry-message.ts'
import { UnavailableError } from '../../errors.ts'
import { type Choice, choicesOf } from '../../fleet/choice.ts'
import type { Profile } from '../../learning/agents/baselines/oracle.ts'
import type { Catalogue } from '../../serving/models/catalogue.ts'
import { testPictures } from '../../serving/models/test-pictures.ts'
import type { TestAnswer } from '../../views/schemas-test-answers.ts'
import { picturesBeside } from '../../views/test-answers.ts'
import { interruptible, unlessAborted } from '../interrupts.ts'
import { builtCatalogue } from '../models-on-disk.ts'
import { choicesFor, orchestrationOf, usualGoalPercent } from '../orchestration.ts'
import type { UpSettings } from '../settings/up.ts'
import { AnswerLog } from './answer-log.ts'
import { runApplications } from './applications.ts'
import { compare } from './compare.ts'
import { pauseMs } from './emulation.ts'
import { type FleetSettings, fleetSettings } from './fleet-settings.ts'
import { availableTo, hardwareOf, realTimesMs } from './hardware.ts'
import { type LearningEnd, learn } from './learn.ts'
import { type Learned, type RunSettings, reportOf, type UpReport } from './outcome.ts'
import { picturesToSend } from './pictures.ts'
import { FleetProcesses } from './processes.ts'
import { onlyGoalOf, RoundLog } from './round-log.ts'
import { Screen } from './screen.ts'
import { keepTelling, tellPage, tellTests } from './tell-page.ts'

/** What a run is to do besides its settings. */
export interface RunOptions extends LearningEnd {
  /** For logs and the orchestrator's state. */
  readonly folder: string
  /** Measure the fixed strategies and the oracle at the end. */
  readonly compare: boolean
}

/** What a run came to. */
export interface RunResult {
  readonly report: UpReport
  readonly profile: Profile | undefined
  /** Of learning, oldest first. */
  readonly rounds: readonly ClosedRound[]
  /** Those of the report, with their pictures. */
  readonly answers: readonly TestAnswer[]
}

/**
 * Ctrl-C ends learning, and another one the comparison; SIGTERM ends both.
 * @throws UnavailableError when a node does not start; the fleet is stopped whatever happens
 */
export async function run(given: UpSettings, options: RunOptions): Promise<RunResult> {
  const log = new RoundLog()
  const screen = new Screen(log)
  const { catalogue, file } = await builtCatalogue(given.catalogue, (text) => screen.say(text))
  const all = choicesOf(catalogue.variants, catalogue.cascades)
  const choices = choicesFor([given.agent, given.shadow], all, given.devices)
  const settings = { ...given, goal: given.goal ?? usualGoalPercent(catalogue.variants) }
  await orchestrationOf(settings, choices)
  const { folder } = options
  const { variants } = catalogue
  const realMs = settings.emulation ? await realTimesMs(catalogue) : {}
  const fleet = await fleetSettings(settings, { catalogue: file, variants, realMs, folder })
  const processes = new FleetProcesses(fleet.nodes, join(folder, 'nodes'), (node, text) =>
    screen.say(`${node} ${text}`),
  )
  try {
    screen.say(
      `Starting ${fleet.nodes.length} nodes: ${settings.devices} ${settings.devices === 1 ? 'device' : 'devices'}, 1 edge, 1 cloud…`,
    )
    const urls = new Map(fleet.applications.map(({ device, url }) => [device, ` at ${url}`]))
    const starting = processes.start((name) =>
      screen.say(`  ${name} is ready${urls.get(name) ?? ''}`),
    )
    await interruptible(({ signal }) =>
      unlessAborted(starting, signal, 'stopped before the fleet was ready'),
    )
    screen.say(`Live page: ${fleet.pageUrl}`)
    return await learnAndCompare({ settings, options, fleet, catalogue, choices, log, screen })
  } finally {
    screen.end()
    await processes.stop()
  }
}

interface Started {
  readonly settings: RunSettings
  readonly options: RunOptions
  readonly fleet: FleetSettings
  readonly catalogue: Catalogue
  readonly choices: readonly Choice[]
  readonly log: RoundLog
  readonly screen: Screen
}

async function learnAndCompare(started: Started): Promise<RunResult> {
  const { settings, fleet, catalogue, log } = started
  const logger = pino({ level: 'silent' })
  const control = await connectControlPlane({ url: fleet.brokerUrl, clientId: 'up', logger })
  const telemetry = new Map<string, LiveTelemetry>()
  await control.subscribe('telemetry', (message) => {
    if (message.alive) telemetry.set(message.node, message)
  })
  await control.subscribe('jointDecision', (message) => log.add(message))
  const traffic = new AbortController()
  const answers = new AnswerLog()
  const applications = runApplications(
    {
      applications: fleet.applications,
      model: catalogue.model,
      labels: catalogue.labels,
      pictures: await picturesToSend(catalogue),
      answers,
      pauseMs: pauseMs(settings),
      timeoutMs: 2 * settings.requestTimeoutMs,
    },
    traffic.signal,
  )
  try {
    const { learned, isOver } = await learning(started, answers)
    const comparison =
      isOver || learned.rounds.length === 0 ? undefined : await comparing(started, control, answers)
    const nodes = [...telemetry.values()]
    const { traffic: sent } = applications
    const report = reportOf({ settings, catalogue, learned, comparison, traffic: sent, nodes })
    await tellPage(fleet.pageUrl, report, settings)
    const withPictures = picturesBeside(testPictures(catalogue))
    return {
      ...{ report, profile: comparison?.profile, rounds: learned.rounds },
      answers: await withPictures(report.answers),
    }
  } finally {
    traffic.abort()
    await applications.done
    await control.close()
  }
}

/** @returns what was learned, and whether nothing more is wanted */
async function learning({ options, fleet, log, screen }: Started, answers: AnswerLog) {
  const startMs = performance.now()
  screen.begin('learning', options.forMs === undefined ? undefined : startMs + options.forMs)
  return interruptible(async (interrupts) => {
    const tests = () => {
      const goalPercent = onlyGoalOf(log.rounds)
      return { ...answers.tests, ...(goalPercent !== undefined && { goalPercent }) }
    }
    const stopTelling = keepTelling(fleet.pageUrl, tests)
    await learn(log, options, interrupts.signal).finally(stopTelling)
    const seconds = (performance.now() - startMs) / 1000
    const learned: Learned = {
      ...{ rounds: [...log.rounds], latest: log.latest, seconds },
      ...{ tests: tests(), escalatedBy: answers.escalatedBy },
    }
    await tellTests(fleet.pageUrl, learned.tests)
    if (learned.rounds.length === 0 && !interrupts.signal.aborted) {
      throw new UnavailableError(`no round closed: see the logs in ${options.folder}`)
    }
    return { learned, isOver: !options.compare || interrupts.exitCode === 143 }
  })
}

async function comparing(
  { settings, fleet, catalogue, choices, log, screen }: Started,
  control: ControlPlane,
  answers: AnswerLog,
) {
  screen.begin('measuring the fixed strategies and the oracle (Ctrl-C to end now)')
  const devices = fleet.applications.map(({ device }) => device)
  const hardware = devices.map((_, device) => hardwareOf(settings, device, catalogue.variants))
  const available = availableTo(hardware, choices)
  return interruptible(({ signal }) =>
    compare(
      { control, log, devices, choices, available, answers, signal },
      settings.goal,
      (done, total) => screen.measured(done, total),
    ),
  )
}
