/**
 * True labels, told after the answer: the only thing that measures an accuracy. An application that learns what a picture really
 * showed tells it by the id of its request; the answers of late are kept for that.
 */
import { z } from 'zod'
import type { DeviceDecision } from '../control/messages.ts'
import { InvalidInputError, NotFoundError } from '../errors.ts'
import { formatChoice } from '../fleet/choice.ts'
import { shareInterval } from '../fleet/share-interval.ts'
import { classesNamed, classesOf } from '../protocol/classification.ts'
import type { InferReply } from '../protocol/inference-handler.ts'
import type { WireBody } from '../protocol/messages.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { classOf, decoded } from './answer-scores.ts'

/** Answers that are kept; the oldest is forgotten for the newest. */
const MAX_KEPT = 4096
/** Longer ids are not kept. */
const MAX_ID_CHARACTERS = 256

/** Body of `POST /v2/tierwise/feedback`: a request's id, and the class that is true: its name, or its index from 0. */
const feedback = z.strictObject({
  id: z.string().min(1).max(MAX_ID_CHARACTERS),
  label: z.union([z.string().min(1).max(1024), z.int().min(0)]),
})

interface Kept {
  readonly answeredClass: number
  readonly decision: DeviceDecision
}

/** What a label told of an answer. */
export interface Labelled {
  /** That the answer was given under. */
  readonly decision: DeviceDecision
  readonly isRight: boolean
}

/** An accuracy measured by labels. */
export interface MeasuredAccuracy {
  readonly labelled: number
  readonly right: number
  /** Of the labelled answers; absent before the first. */
  readonly accuracyPercent?: number
  /** 95 % interval, percent: [low, high]; absent before the first. */
  readonly intervalPercent?: readonly [low: number, high: number]
}

/** Compares the answers of one device with the truth. */
export class LabelledAnswers {
  private readonly catalogue: Catalogue
  /** By request id, oldest first. */
  private readonly kept = new Map<string, Kept>()
  private readonly counts = new Map<string, { labelled: number; right: number }>()

  constructor(catalogue: Catalogue) {
    this.catalogue = catalogue
  }

  /** An answer has left. One without an id, or of several pictures, cannot be told of. */
  answered(content: InferReply['content'], decision: DeviceDecision): void {
    if ('body' in content && !mentionsId(content)) return
    const answer = decoded(content)
    const id = answer?.id
    if (answer === undefined || id === undefined || id.length > MAX_ID_CHARACTERS) return
    const answeredClass = classOf(answer, this.catalogue)
    if (answeredClass === undefined) return
    this.kept.delete(id)
    this.kept.set(id, { answeredClass, decision })
    const [oldest] = this.kept.keys()
    if (this.kept.size > MAX_KEPT && oldest !== undefined) this.kept.delete(oldest)
  }

  /**
   * @param body of the request that tells
   * @throws InvalidInputError for what is no feedback or no label; NotFoundError for an id that is not kept, or was told of before
   */
  tell(body: unknown): Labelled {
    const parsed = feedback.safeParse(body)
    if (!parsed.success) {
      throw new InvalidInputError(
        `no feedback: ${z.prettifyError(parsed.error)}; write {"id": "<id of the request>", "label": <class name or index>}`,
      )
    }
    const { id, label } = parsed.data
    const trueClasses = this.classesMeant(label)
    const answer = this.kept.get(id)
    if (answer === undefined) {
      throw new NotFoundError(
        `no answer "${id}" is waiting for its label: give requests an id of their own, and tell within the next ${MAX_KEPT} answers, once`,
      )
    }
    this.kept.delete(id)
    const { decision, answeredClass } = answer
    const isRight = trueClasses.includes(answeredClass)
    const choice = formatChoice(decision)
    const { labelled, right } = this.counts.get(choice) ?? { labelled: 0, right: 0 }
    this.counts.set(choice, { labelled: labelled + 1, right: right + Number(isRight) })
    return { decision, isRight }
  }

  /** Over all choices. */
  get total(): MeasuredAccuracy {
    const counts = [...this.counts.values()]
    const labelled = counts.reduce((sum, count) => sum + count.labelled, 0)
    return measuredAccuracy(
      labelled,
      counts.reduce((sum, count) => sum + count.right, 0),
    )
  }

  /** Choice → what its answers were worth. */
  get byChoice(): Readonly<Record<string, MeasuredAccuracy>> {
    return Object.fromEntries(
      [...this.counts].map(([choice, { labelled, right }]) => [
        choice,
        measuredAccuracy(labelled, right),
      ]),
    )
  }

  /** @throws InvalidInputError where there is none */
  private classesMeant(label: string | number): number[] {
    const { labels, output } = this.catalogue
    const classes = classesOf(output.shape)
    const isIndex = typeof label === 'number'
    const found = isIndex ? [label].filter((index) => index < classes) : classesNamed(labels, label)
    if (found.length > 0) return found
    const known = labels.length > 0 ? `one of ${labels.slice(0, 20).join(', ')}, or ` : ''
    throw new InvalidInputError(
      `label ${JSON.stringify(label)} is no class: give ${known}an index from 0 to ${classes - 1}`,
    )
  }
}

/** With its interval, where anything was labelled. */
export function measuredAccuracy(labelled: number, right: number): MeasuredAccuracy {
  if (labelled === 0) return { labelled, right }
  const { low, high } = shareInterval(right, labelled)
  return {
    labelled,
    right,
    accuracyPercent: (100 * right) / labelled,
    intervalPercent: [100 * low, 100 * high],
  }
}

/** Spares decoding the answers of other nodes that certainly have none. */
function mentionsId({ body, jsonLength = body.byteLength }: WireBody): boolean {
  return Buffer.from(body.buffer, body.byteOffset, jsonLength).includes('"id"')
}
