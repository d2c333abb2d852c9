/** The scores of an answer, one for each class, and what they say. */
import { classesOf } from '../protocol/classification.ts'
import { decodeInferResponse } from '../protocol/codec.ts'
import { elementCount } from '../protocol/datatypes.ts'
import type { InferReply } from '../protocol/inference-handler.ts'
import type { InferRequest, InferResponse } from '../protocol/messages.ts'
import { isPicture } from '../protocol/picture-body.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { howScored, marginOf, scoresIn } from '../serving/models/confidence.ts'

type Content = InferReply['content']

/** Whether the answer to a request will hold the scores of one picture. */
export function showsMargin(request: InferRequest, { output }: Pick<Catalogue, 'output'>): boolean {
  const { inputs, outputs } = request
  if (isPicture(request)) return true
  const isOne = inputs.every(({ shape }) => shape[0] === 1)
  return isOne && (outputs === undefined || outputs.some(({ name }) => name === output.name))
}

/** The margin of a variant's answer, after temperature; 0 where it shows none, since that is never sure. */
export function marginOfAnswer(content: Content, variant: string, catalogue: Catalogue): number {
  const scores = scoresOf(content, catalogue)
  return scores === undefined ? 0 : marginOf(scores, howScored(catalogue, variant))
}

/** Index of the likeliest class; undefined where an answer is not of one picture, or tells none. */
export function classOf(
  content: Content,
  catalogue: Pick<Catalogue, 'output'>,
): number | undefined {
  const scores = scoresOf(content, catalogue)
  if (scores === undefined) return toldClass(content)
  const highest = scores.reduce((most, score) => Math.max(most, score), -Infinity)
  return Number.isNaN(highest) ? undefined : scores.indexOf(highest)
}

/** Of a picture, as its answer's parameters have it. */
function toldClass(content: Content): number | undefined {
  const told = decoded(content)?.parameters?.['class']
  return typeof told === 'number' && Number.isInteger(told) && told >= 0 ? told : undefined
}

/** Shape [classes]; undefined where the answer is no tensor of one picture's scores. */
function scoresOf(content: Content, { output }: Pick<Catalogue, 'output'>): number[] | undefined {
  const scores = decoded(content)?.outputs.find(({ name }) => name === output.name)
  if (scores === undefined || !/^FP/.test(scores.datatype)) return undefined
  const isOfOne = elementCount(scores.shape) === classesOf(output.shape)
  return isOfOne ? Array.from(scoresIn(scores)) : undefined
}

/** Another node's answer is read; undefined where it is not of the protocol. */
export function decoded(content: Content): InferResponse | undefined {
  if (!('body' in content)) return content
  try {
    return decodeInferResponse(content)
  } catch {
    return undefined
  }
}
