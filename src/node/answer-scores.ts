/** The scores of an answer, one for each class, and what they say. */
import { viewFloat32 } from '../protocol/datatypes.ts'
import type { InferReply } from '../protocol/inference-handler.ts'
import type { InferRequest } from '../protocol/messages.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { marginOf } from '../serving/models/confidence.ts'

type Signature = Pick<Catalogue, 'input' | 'output'>

/** Whether the answer to a request will hold the scores of one picture. */
export function showsMargin({ inputs, outputs }: InferRequest, { output }: Signature): boolean {
  const isOne = inputs.every(({ shape }) => shape[0] === 1)
  return isOne && (outputs === undefined || outputs.some(({ name }) => name === output.name))
}

/** Shape [classes]; undefined where the answer is no tensor of one picture's scores. */
export function scoresOf(
  content: InferReply['content'],
  { output }: Signature,
): Float32Array | undefined {
  if (!('outputs' in content)) return undefined
  const scores = content.outputs.find(({ name }) => name === output.name)
  if (scores?.datatype !== 'FP32' || scores.shape[0] !== 1) return undefined
  return viewFloat32(scores)
}

/** The margin of an answer; 0 where it shows none, since that is never sure. */
export function marginOfAnswer(content: InferReply['content'], signature: Signature): number {
  const scores = scoresOf(content, signature)
  return scores === undefined ? 0 : marginOf(scores, { kind: 'probabilities', temperature: 1 })
}
