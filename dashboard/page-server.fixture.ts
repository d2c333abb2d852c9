/** The built page and the routes that it asks, above a record that a test fills. */
import fastifyStatic from '@fastify/static'
import { guardRoutes } from '../src/access/route-guard.ts'
import type { ControlPlane } from '../src/control/control-plane.ts'
import type { Goal } from '../src/control/messages.ts'
import { packageFile } from '../src/package-files.ts'
import { DoublingHandler } from '../src/protocol/doubling-handler.fixture.ts'
import { createInferenceServer, type InferenceServer } from '../src/protocol/server.ts'
import { readIdxPictures } from '../src/serving/models/idx.ts'
import { pngOf } from '../src/serving/models/picture.ts'
import { FleetRecord } from '../src/views/fleet-record.ts'
import { addViews, type ViewsOptions } from '../src/views/routes.ts'
import type { TestPicture } from '../src/views/test-answers.ts'

const PICTURES = packageFile('models/fashion/pictures/t10k-images-idx3-ubyte.gz')

/** What becomes of a wish: `refused` says why not. */
export type OnGoal = (goal: Goal) => void

/** The test pictures that come with Tierwise. */
function shippedPictures(): TestPicture {
  const pictures = readIdxPictures(PICTURES)
  return async (index) => {
    const picture = (await pictures)[index]
    if (picture === undefined) return undefined
    const png = Buffer.from(await pngOf(picture))
    return `data:image/png;base64,${png.toString('base64')}`
  }
}

/** Serves one page. */
export class PageServer {
  readonly record: FleetRecord
  /** Told of every wish. */
  onGoal: OnGoal = () => {}
  beliefs: ViewsOptions['beliefs'] = {
    alternatives: async () => undefined,
    bestFixed: async () => undefined,
  }
  private readonly inference: InferenceServer

  private constructor(inference: InferenceServer, record: FleetRecord) {
    this.inference = inference
    this.record = record
  }

  /** Listens on a free port of this machine. @param pageFolder the built page */
  static async start(pageFolder: string, now: () => number = Date.now): Promise<PageServer> {
    const inference = createInferenceServer(new DoublingHandler(), { bodyLimitBytes: 1e6, port: 0 })
    const { app } = inference
    const server = new PageServer(inference, new FleetRecord(now))
    guardRoutes(app, { checkHost: () => undefined })
    const control: Pick<ControlPlane, 'publish'> = {
      publish: async (_kind, message) => server.onGoal(message as Goal),
    }
    addViews(app, {
      ...{ record: server.record, control, mode: 'pushed', testPicture: shippedPictures() },
      beliefs: {
        alternatives: (device) => server.beliefs.alternatives(device),
        bestFixed: () => server.beliefs.bestFixed(),
      },
    })
    await app.register(fastifyStatic, { root: pageFolder, wildcard: false, preCompressed: true })
    await inference.listen()
    return server
  }

  get url(): string {
    return `${this.inference.url}/`
  }

  close(): Promise<void> {
    this.inference.app.server.closeAllConnections()
    return this.inference.close()
  }
}
