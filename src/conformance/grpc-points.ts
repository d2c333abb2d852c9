/** The points of gRPC. */
import { z } from 'zod'
import { health, ping, reflection } from './grpc-companions.ts'
import type { Called } from './grpc-surface.ts'
import type { GrpcPoint } from './point.ts'
import { demand, NotShown, Violation } from './violation.ts'

const inferred = z.object({
  model_name: z.string(),
  outputs: z.array(z.object({ name: z.string(), datatype: z.string() })).min(1),
  raw_output_contents: z.array(z.instanceof(Uint8Array)),
})

function answerOf(called: Called): z.infer<typeof inferred> {
  demand('answer' in called, `expected an answer, got ${'code' in called ? called.code : ''}`)
  const { data } = inferred.safeParse(called.answer)
  demand(data !== undefined, 'the answer has no outputs')
  return data
}

function refused(called: Called, ...codes: readonly string[]): void {
  const code = 'code' in called ? called.code : 'OK'
  demand(codes.includes(code), `expected ${codes.join(' or ')}, got ${code}`)
}

/** The answer of a service that the protocol does not ask for. @throws NotShown where the server has none */
function answerOfCompanion(called: Called, service: string): Readonly<Record<string, unknown>> {
  if ('answer' in called) return called.answer
  if (called.code === 'UNIMPLEMENTED') throw new NotShown(`the server has no ${service}`)
  throw new Violation(`${service}: ${called.code}`)
}

/** In the order of their numbers. */
export const GRPC_POINTS: readonly GrpcPoint[] = [
  {
    number: 28,
    what: 'raw contents are taken; fewer than inputs, or beside typed ones, are INVALID_ARGUMENT',
    async check(server) {
      answerOf(await server.call('ModelInfer', server.message({}, true)))
      const few = server.message({ raw_input_contents: [] }, true)
      refused(await server.call('ModelInfer', few), 'INVALID_ARGUMENT')
      const { raw_input_contents } = server.message({}, true)
      const both = server.message({ raw_input_contents })
      refused(await server.call('ModelInfer', both), 'INVALID_ARGUMENT')
    },
  },
  {
    number: 29,
    what: 'a raw request is answered raw, typed contents are taken too',
    async check(server) {
      const raw = answerOf(await server.call('ModelInfer', server.message({}, true)))
      demand(raw.raw_output_contents.length === raw.outputs.length, 'the answer is not raw')
      answerOf(await server.call('ModelInfer', server.message()))
    },
  },
  {
    number: 30,
    what: 'live, ready and metadata answer; an unknown model is NOT_FOUND, a wrong input INVALID_ARGUMENT',
    needsNoModel: true,
    async check(server) {
      for (const method of ['ServerLive', 'ServerReady', 'ServerMetadata']) {
        demand('answer' in (await server.call(method, {})), `${method} does not answer`)
      }
      if (server.unknown !== undefined) throw new Violation(server.unknown)
      const unknown = server.message({ model_name: 'no-such-model' }, true)
      refused(await server.call('ModelInfer', unknown), 'NOT_FOUND')
      const wrong = server.message({ inputs: [], raw_input_contents: [] }, true)
      refused(await server.call('ModelInfer', wrong), 'INVALID_ARGUMENT')
    },
  },
  {
    number: 31,
    what: 'a call whose deadline has passed ends, and the server goes on',
    async check(server) {
      refused(
        await server.call('ModelInfer', server.message({}, true), { deadlineMs: 0 }),
        'DEADLINE_EXCEEDED',
      )
      answerOf(await server.call('ModelInfer', server.message({}, true)))
    },
  },
  {
    number: 32,
    what: 'messages above 4 MB are read: refused for what they say, not for their size',
    async check(server) {
      const id = 'x'.repeat(5 * 2 ** 20)
      const called = await server.call('ModelInfer', server.message({ id }, true))
      const code = 'code' in called ? called.code : 'OK'
      demand(code === 'OK' || code === 'INVALID_ARGUMENT', `5 MB: ${code}`)
    },
  },
  {
    number: 33,
    what: 'grpc.health.v1 says SERVING',
    needsNoModel: true,
    async check(server) {
      const { serving } = answerOfCompanion(await health(server), 'grpc.health.v1')
      demand(serving === true, 'it says that it does not serve')
    },
  },
  {
    number: 33,
    what: 'reflection lists the service of the protocol',
    needsNoModel: true,
    async check(server) {
      const { text } = answerOfCompanion(await reflection(server), 'reflection')
      demand(String(text).includes('inference.GRPCInferenceService'), 'it is not among them')
    },
  },
  {
    number: 34,
    what: 'pings on a connection without calls are answered, and it stays open',
    needsNoModel: true,
    check: (server) => ping(server.options),
  },
  {
    number: 35,
    what: 'metadata and parameters that a server does not know do no harm',
    async check(server) {
      const parameters = { note: { string_param: 'x' }, level: { int64_param: 1 } }
      const message = server.message({ parameters }, true)
      answerOf(await server.call('ModelInfer', message, { metadata: { 'x-note': 'x' } }))
    },
  },
]
