import { largest, withClassification } from '../protocol/classification.ts'
import { bytesOf } from '../protocol/datatypes.ts'
import type { InferRequest, InferResponse, Tensor } from '../protocol/messages.ts'
import { isPicture } from '../protocol/picture-body.ts'
import type { Catalogue } from '../serving/models/catalogue-schema.ts'
import { howScored, probabilitiesOf, scoresIn } from '../serving/models/confidence.ts'

/** Of probabilities of low precision. */
const ROUNDING = 0.01

/**
 * An answer as its request wants it: outputs as classes, and for a picture the likeliest class among the parameters, as
 * `class` (its index), `label` (where the catalogue has one) and `probability` (after temperature; `score` where the model's
 * scores are none). Outputs of FP16 are FP32 in the answer to a picture.
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
  const { labels, output } = catalogue
  const outputs = response.outputs.map(widened)
  const scores = outputs.find(({ name }) => name === output.name)
  if (scores?.datatype !== 'FP32') return { ...response, outputs }
  const how = howScored(catalogue, response.model_name)
  const values = [...probabilitiesOf(scoresIn(scores), how)]
  const [best] = largest(values, 1)
  if (best === undefined || Number.isNaN(best.value)) return { ...response, outputs }
  const label = labels[best.index]
  const parameters = {
    ...response.parameters,
    ...(label !== undefined && { label }),
    class: best.index,
    ...(areProbabilities(values) ? { probability: best.value } : { score: best.value }),
  }
  return { ...response, parameters, outputs }
}

/** Whatever the catalogue says of them. */
function areProbabilities(values: readonly number[]): boolean {
  const sum = values.reduce((total, value) => total + value, 0)
  return values.every((value) => value >= 0) && Math.abs(sum - 1) <= ROUNDING
}

function widened(output: Tensor): Tensor {
  if (output.datatype !== 'FP16') return output
  return { ...output, datatype: 'FP32', data: bytesOf(Float32Array.from(scoresIn(output))) }
}
