/** The points of extensions that stock clients and monitors count on, asked where a server claims them. */
import { z } from 'zod'
import type { RestPoint } from './point.ts'
import type { Answer } from './rest-surface.ts'
import { demand } from './violation.ts'

const statistics = z.object({
  model_stats: z.array(
    z.object({
      name: z.string(),
      inference_count: z.coerce.number(),
      inference_stats: z.object({ success: z.object({ count: z.coerce.number() }) }),
    }),
  ),
})
const configured = z.array(
  z.object({
    name: z.string(),
    data_type: z.string().startsWith('TYPE_'),
    dims: z.array(z.coerce.number()),
  }),
)
const configuration = z.object({ name: z.string(), input: configured, output: configured })
const index = z.array(z.object({ name: z.string() }))

/** @throws Violation unless it is 200 and of the form */
function read<Schema extends z.ZodType>(schema: Schema, answer: Answer): z.output<Schema> {
  demand(answer.status === 200, `expected 200, got ${answer.status}`)
  const { data, error } = schema.safeParse(answer.json)
  demand(error === undefined, error ? z.prettifyError(error) : '')
  return data
}

const names = (tensors: readonly { readonly name: string }[]) =>
  tensors
    .map(({ name }) => name)
    .toSorted()
    .join()

/** In the order of their numbers. */
export const EXTENSION_POINTS: readonly RestPoint[] = [
  {
    number: 36,
    what: 'statistics count an inference',
    extension: 'statistics',
    async check(server) {
      server.inferred(await server.infer(server.message()))
      const { model_stats } = read(statistics, await server.get(server.path('/stats')))
      const own = model_stats.find(({ name }) => name === server.model)
      demand(own !== undefined, 'they do not name the model')
      demand(own.inference_stats.success.count > 0, 'an inference that came is not counted')
    },
  },
  {
    number: 37,
    what: 'the configuration has the tensors of the metadata',
    extension: 'model_configuration',
    async check(server) {
      const { input, output } = read(configuration, await server.get(server.path('/config')))
      demand(names(input) === names(server.inputs), `inputs are ${names(input)}`)
      demand(names(output) === names(server.outputs), `outputs are ${names(output)}`)
    },
  },
  {
    number: 38,
    what: 'the repository’s index names the model',
    extension: 'model_repository',
    async check(server) {
      const models = read(index, await server.post('/v2/repository/index', '{}'))
      demand(
        models.some(({ name }) => name === server.model),
        `it names ${names(models)}`,
      )
    },
  },
  {
    number: 39,
    what: 'priority and timeout are taken',
    extension: 'schedule_policy',
    async check(server) {
      // A minute, in µs.
      const parameters = { priority: 1, timeout: 60_000_000 }
      server.inferred(await server.infer(server.message({ parameters })))
    },
  },
]
