/** What the cloud node answers people, and their page, about the fleet. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ControlPlane } from '../control/control-plane.ts'
import { goalInForce } from '../control/messages.ts'
import { ask } from '../control/wish.ts'
import { InvalidInputError, NotFoundError, TierwiseError } from '../errors.ts'
import { about } from '../protocol/openapi.ts'
import { SharedAnswer } from './compressed.ts'
import type { FleetRecord } from './fleet-record.ts'
import { deviceViewOf, historyOf, overviewOf } from './fleet-views.ts'
import { type BestFixed, type Overview, type Reason, runReport, WINDOWS, wish } from './schemas.ts'
import { tests } from './schemas-test-answers.ts'
import { picturesBeside, type TestPicture } from './test-answers.ts'

/** So fresh is what is shown; it is made no oftener, whoever looks. */
const MAX_AGE_MS = 500
/** What is believed of the whole fleet takes the agent's time, and hardly changes. */
const BELIEF_AGE_MS = 5000
const REPORT_LIMIT_BYTES = 1024 * 1024
const TESTS_LIMIT_BYTES = 256 * 1024
/** Who looked so lately is still there, and is to see how a run ended. */
const WATCHER_MS = 3000

/** What the routes need. */
export interface ViewsOptions {
  readonly record: FleetRecord
  readonly control: Pick<ControlPlane, 'publish'>
  readonly mode: Overview['mode']
  /** What the agent believes of decisions that are not in force; undefined where it cannot tell. */
  readonly beliefs: {
    /** What a device might do instead. */
    readonly alternatives: (device: string) => Promise<readonly Reason[] | undefined>
    readonly bestFixed: () => Promise<BestFixed | undefined>
  }
  /** Absent: answers are shown without their pictures. */
  readonly testPicture?: TestPicture
}

/**
 * | route | what it does |
 * |---|---|
 * | `GET /v2/tierwise/fleet` | what is in force, what it comes to, all devices and nodes, the newest events |
 * | `GET /v2/tierwise/history?window=5m` | requests over time (`5m`, `1h`, `24h`), and all events in it |
 * | `GET /v2/tierwise/devices/NAME` | one device: its decision and the alternatives, its requests, its link and load |
 * | `POST /v2/tierwise/goal` | `{ "accuracyPercent": …, "agent": …, "revert": …, "explorationBudgetPercent": …, "deviceGoal": { "device": …, "goalPercent": … } }`: answered once it is in force; 409 with the reason of a refusal |
 * | `POST /v2/tierwise/test-answers` | a demonstration says what its labelled pictures were answered with |
 * | `POST /v2/tierwise/report` | a run has ended: who looks is told |
 */
export function addViews(app: FastifyInstance, options: ViewsOptions): void {
  const { record, mode, testPicture = async () => undefined } = options
  const withPictures = picturesBeside(testPicture)
  let watchedAtMs = Number.NEGATIVE_INFINITY
  let sawReport = () => {}
  let best: BestFixed | undefined
  let bestAtMs = Number.NEGATIVE_INFINITY
  const fleet = new SharedAnswer(async () => {
    // The machine's clock may be set back.
    if (Math.abs(record.now() - bestAtMs) > BELIEF_AGE_MS) {
      bestAtMs = record.now()
      best = await options.beliefs.bestFixed()
    }
    const view = overviewOf(record, mode, best)
    if (view.tests === undefined) return view
    const answers = await withPictures(view.tests.answers)
    return { ...view, tests: { ...view.tests, answers } }
  }, MAX_AGE_MS)
  app.get(
    '/v2/tierwise/fleet',
    about('The fleet, as people look at it.'),
    async (request, reply) => {
      watchedAtMs = record.now()
      const hasEnded = record.report !== undefined
      const body = await fleet.send(request, reply)
      if (hasEnded) reply.raw.once('finish', () => sawReport())
      return body
    },
  )
  addHistory(app, record)
  addDevice(app, options, withPictures)
  addGoal(app, options)
  addTests(app, record)
  app.post(
    '/v2/tierwise/report',
    { bodyLimit: REPORT_LIMIT_BYTES, ...about('Says that a run has ended.') },
    async ({ body }) => {
      const report = parsed(runReport, body)
      const isWatched = Math.abs(record.now() - watchedAtMs) < WATCHER_MS
      const seen = new Promise<void>((resolve) => {
        sawReport = resolve
        setTimeout(resolve, isWatched ? WATCHER_MS : 0)
      })
      record.end(report)
      fleet.renew()
      await seen
      return { watched: isWatched }
    },
  )
}

function addHistory(app: FastifyInstance, record: FleetRecord): void {
  const histories = new Map(
    WINDOWS.map((window) => [
      window,
      new SharedAnswer(async () => historyOf(record, window), MAX_AGE_MS),
    ]),
  )
  app.get<{ Querystring: { window?: string } }>(
    '/v2/tierwise/history',
    about('Requests over time, and events.'),
    (request, reply) => {
      const asked = request.query.window ?? WINDOWS[0]
      const window = WINDOWS.find((one) => one === asked)
      const history = window && histories.get(window)
      if (history) return history.send(request, reply)
      throw new InvalidInputError(`window is "${asked}": give one of ${WINDOWS.join(', ')}`)
    },
  )
}

function addDevice(
  app: FastifyInstance,
  { record, beliefs }: ViewsOptions,
  withPictures: ReturnType<typeof picturesBeside>,
): void {
  app.get<{ Params: { device: string } }>(
    '/v2/tierwise/devices/:device',
    about('A device, why it is decided so, and its requests.'),
    async ({ params: { device } }) => {
      const view = deviceViewOf(record, device)
      if (view === undefined) {
        throw new NotFoundError(`"${device}" was never heard of: GET /v2/tierwise/fleet lists all`)
      }
      const known = await beliefs.alternatives(device)
      const pictured = view.testAnswers && (await withPictures(view.testAnswers))
      return {
        ...view,
        ...(known && { alternatives: known }),
        ...(pictured && { testAnswers: pictured }),
      }
    },
  )
}

function addGoal(app: FastifyInstance, { record, control }: ViewsOptions): void {
  app.post(
    '/v2/tierwise/goal',
    about('Changes goal, agent, revert, exploration budget or the goal of a device.'),
    async ({ body }) => {
      const refused = await ask({ control, news: () => record.standing.news }, parsed(wish, body))
      if (refused !== undefined) throw new TierwiseError(refused, 'refused', 409)
      return goalInForce.parse(record.standing.news)
    },
  )
}

function addTests(app: FastifyInstance, record: FleetRecord): void {
  app.post(
    '/v2/tierwise/test-answers',
    { bodyLimit: TESTS_LIMIT_BYTES, ...about('Says what labelled pictures were answered with.') },
    async ({ body }) => {
      record.tests = parsed(tests, body)
      return { answers: record.tests.answers.length }
    },
  )
}

/** @throws InvalidInputError that names what does not fit */
function parsed<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  throw new InvalidInputError(z.prettifyError(result.error))
}
