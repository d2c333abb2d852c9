/** For how long two large JSON bodies at once hold the event loop, beside reading them on it. Processor time: others may run. */
import { setImmediate as turn } from 'node:timers/promises'
import { decodeInferRequest } from '../src/protocol/codec.ts'
import type { Datatype, WireBody } from '../src/protocol/messages.ts'
import { RequestReader } from '../src/protocol/request-reader.ts'
import { SERVER_BOUNDS } from '../src/protocol/server-bounds.ts'
import { ThreadTime } from '../src/serving/backends/thread-time.ts'

const ROUNDS = 10
const time = new ThreadTime()

/** What takes longest of what the bounds let in, by datatype. */
const BODIES: Readonly<Partial<Record<Datatype, WireBody>>> = {
  FP32: bodyOf('FP32', 200_000, (index) => `0.${(index * 7919) % 1000}12345678901234`),
  INT64: bodyOf('INT64', 200_000, (index) => `90071992547409${93 + (index % 7)}`),
}

function bodyOf(datatype: Datatype, count: number, text: (index: number) => string): WireBody {
  const data = Array.from({ length: count }, (_, index) => text(index)).join()
  const input = `{"name":"x","datatype":"${datatype}","shape":[${count}],"data":[${data}]}`
  return { body: Buffer.from(`{"inputs":[${input}]}`) }
}

/** For each datatype: the longest turn of the event loop, ms of a processor. */
export async function measureBodies() {
  const reader = new RequestReader(SERVER_BOUNDS.jsonLimitBytes)
  const results = []
  for (const [datatype, wire] of Object.entries(BODIES)) {
    const { signal } = new AbortController()
    const elsewhere = () => reader.read(wire, noMetadata, signal)
    const here = () => decodeInferRequest(wire, noMetadata)
    await elsewhere()
    let [hereMs, elsewhereMs] = [0, 0]
    for (let round = 0; round < ROUNDS; round++) {
      hereMs = Math.max(hereMs, await longestTurnMs(here))
      elsewhereMs = Math.max(elsewhereMs, await longestTurnMs(elsewhere))
    }
    results.push({ datatype, bytes: wire.body.byteLength, hereMs, elsewhereMs })
  }
  await reader.close()
  return results
}

/** @param read one body; two are read at once */
async function longestTurnMs(read: () => unknown): Promise<number> {
  let isRead = false
  let longestMs = 0
  let sinceMs = time.processorMs()
  const look = () => {
    const nowMs = time.processorMs()
    longestMs = Math.max(longestMs, nowMs - sinceMs)
    sinceMs = nowMs
  }
  void Promise.all([read(), read()]).finally(() => {
    isRead = true
  })
  for (look(); !isRead; look()) await turn()
  return longestMs
}

function noMetadata(): never {
  throw new Error('JSON names its tensors itself')
}

/** For people. */
export function describeBodies(results: Awaited<ReturnType<typeof measureBodies>>): string[] {
  return results.map(
    ({ datatype, bytes, hereMs, elsewhereMs }) =>
      `two bodies of ${(bytes / 2 ** 20).toFixed(1)} MiB of ${datatype} in JSON hold the event loop for ${elsewhereMs.toFixed(0)} ms of a processor at most; read on it, for ${hereMs.toFixed(0)} ms`,
  )
}
