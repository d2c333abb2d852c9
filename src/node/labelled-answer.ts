import { largest, withClassification } from '../protocol/classification.ts'
import { bytesOf } from '../protocol/datatypes.ts'
import type { InferRequest, InferResponse, Tensor } from '../protocol/messages.ts'
import { isPicture } from '../protocol/picture-body.ts'
import type { Catalogue } from '../serving/models/catalogue-schema.ts'
import { howScored, probabilitiesOf, scoresIn } from '../serving/models/confidence.ts'

/**
 * An answer as its request wants it: outputs as classes, and for a picture the likeliest class among the parameters, as
 * `class` (its index), `label` (where the catalogue has one) and `probability` (after temperature). Outputs of FP16, which
 * JSON cannot hold, are FP32 in the answer to a picture.
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
  const [best] = largest([...probabilitiesOf(scoresIn(scores), how)], 1)
  if (best === undefined || Number.isNaN(best.value)) return { ...response, outputs }
  const label = labels[best.index]
  const parameters = {
    ...response.parameters,
    ...(label !== undefined && { label }),
    class: best.index,
    probability: best.value,
  }
  return { ...response, parameters, outputs }
}

function widened(output: Tensor): Tensor {
  if (output.datatype !== 'FP16') return output
  return { ...output, datatype: 'FP32', data: bytesOf(Float32Array.from(scoresIn(output))) }
}
