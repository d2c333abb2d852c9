/** The thread in which large JSON is read; see `request-reader.ts`. */
import { parentPort } from 'node:worker_threads'
import { messageOf, TierwiseError } from '../errors.ts'
import { decodeInferRequest } from './codec.ts'
import type { FromReader, ToReader } from './request-reader.ts'

function answerTo({ wire, jsonLimitBytes }: ToReader): FromReader {
  try {
    return { request: decodeInferRequest(wire, noMetadata, jsonLimitBytes) }
  } catch (error) {
    const status = error instanceof TierwiseError ? error.status : 500
    return { message: messageOf(error), status }
  }
}

/** Only pictures and raw tensors need it, and both have no JSON. */
function noMetadata(): never {
  throw new Error('JSON names its tensors itself')
}

parentPort?.on('message', (message: ToReader) => parentPort?.postMessage(answerTo(message)))
