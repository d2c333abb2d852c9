import { largest, withClassification } from '../protocol/classification.ts'
import type { InferRequest, InferResponse } from '../protocol/messages.ts'
import { isPicture } from '../protocol/picture-body.ts'
import type { Catalogue } from '../serving/models/catalogue-schema.ts'
import { probabilitiesOf } from '../serving/models/confidence.ts'
import { scoresOf } from './answer-scores.ts'

/**
 * An answer as its request wants it: outputs as classes, and for a picture the likeliest class among the parameters, as
 * `class` (its index), `label` (where the catalogue has one) and `probability` (after temperature).
 */
export function labelledAnswer(
  response: InferResponse,
  request: InferRequest,
  catalogue: Catalogue,
): InferResponse {
  const answer = isPicture(request) ? withLikeliest(response, catalogue) : response
  return withClassification(answer, request, catalogue.labels)
}

function withLikeliest(response: InferResponse, catalogue: Catalogue): InferResponse {
  const { labels, output, variants } = catalogue
  const scores = scoresOf(response, catalogue)
  if (scores === undefined) return response
  const served = variants.find(({ name }) => name === response.model_name)
  const { kind = 'probabilities' } = output
  const probabilities = probabilitiesOf(scores, { kind, temperature: served?.temperature ?? 1 })
  const [best] = largest([...probabilities], 1)
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
