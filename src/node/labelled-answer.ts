import { largest, withClassification } from '../protocol/classification.ts'
import { viewElements } from '../protocol/datatypes.ts'
import type { InferRequest, InferResponse } from '../protocol/messages.ts'
import { isPicture } from '../protocol/picture-body.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'

/**
 * An answer as its request wants it: outputs as classes, and for a picture the likeliest class among the parameters as
 * `class` (its index), `label` (where the catalogue has one) and `probability`.
 */
export function labelledAnswer(
  response: InferResponse,
  request: InferRequest,
  catalogue: Pick<Catalogue, 'labels' | 'output'>,
): InferResponse {
  const { labels } = catalogue
  const answer = isPicture(request) ? withLikeliest(response, catalogue) : response
  return withClassification(answer, request, labels)
}

function withLikeliest(
  response: InferResponse,
  { labels, output }: Pick<Catalogue, 'labels' | 'output'>,
): InferResponse {
  const scores = response.outputs.find(({ name }) => name === output.name)
  if (scores === undefined || scores.datatype !== 'FP32') return response
  const values = Array.from(viewElements(scores), Number)
  const [best] = largest(values, 1)
  if (best === undefined || Number.isNaN(best.value)) return response
  const label = labels[best.index]
  const parameters = {
    ...response.parameters,
    ...(label !== undefined && { label }),
    class: best.index,
    probability: best.value,
  }
  return { ...response, parameters }
}
