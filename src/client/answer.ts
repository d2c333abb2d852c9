/** An answer as an application gets it, out of what came. */
import type { Answer, ScoredClass } from './messages.ts'
import { decodeAnswer, isRecord, JSON_LENGTH_HEADER, type Tensor } from './tensors.ts'

/** What came of a request, whole. */
export interface Reply {
  readonly headers: Headers
  readonly body: ArrayBuffer
}

/** @param hasClasses whether classes were asked for. @throws Error for what is no answer of the protocol */
export function readAnswer({ headers, body }: Reply, hasClasses: boolean): Answer {
  const length = Number(headers.get(JSON_LENGTH_HEADER) ?? body.byteLength)
  const { json, outputs } = decodeAnswer(body, length)
  const parameters = isRecord(json['parameters']) ? json['parameters'] : {}
  const { label } = parameters
  const servedBy = headers.get('x-tierwise-decision')
  const responseTimeMs = headers.get('x-tierwise-response-ms')
  return {
    outputs,
    parameters,
    ...(typeof json['id'] === 'string' && { id: json['id'] }),
    ...(typeof label === 'string' && { label }),
    ...(hasClasses && { classes: outputs.flatMap(classesIn) }),
    ...(servedBy !== null && { servedBy }),
    ...(responseTimeMs !== null && { responseTimeMs: Number(responseTimeMs) }),
  }
}

/** Elements `score:index` or `score:index:label`. */
function classesIn({ datatype, data }: Tensor): ScoredClass[] {
  if (datatype !== 'BYTES' || !Array.isArray(data)) return []
  return data.map((element: unknown) => {
    const [score, index, ...label] = String(element).split(':')
    const scored = { score: Number(score), index: Number(index) }
    return label.length === 0 ? scored : { ...scored, label: label.join(':') }
  })
}
