/** Answers to the labelled pictures of a demonstration, as it tells them and as people are shown them. */
import { z } from 'zod'

/** Of answers whose truth is known. */
export const measured = z.object({
  answers: z.int().min(0),
  accuracyPercent: z.number(),
  /** 95 %, percent: low, high. */
  interval: z.tuple([z.number(), z.number()]),
})

/** Names of devices and classes, and choices. */
const short = z.string().max(512)
/** What a labelled test picture was answered with, and how. */
export const testAnswer = z.object({
  /** Unix time. */
  atMs: z.number(),
  device: short,
  /** Its place in the labelled set of the catalogue. */
  picture: z.int().min(0),
  /** The picture itself, small, as a data URI; absent where the cloud node does not have the set. */
  image: z.string().exactOptional(),
  truth: short,
  label: short,
  right: z.boolean(),
  /** Of the label; absent where the model gives none. */
  probability: z.number().exactOptional(),
  /** As the decision says: `end/d3>edge/d0@0.51`. */
  decided: short,
  served: short,
  /** The first answer was unsure, and went on. */
  escalated: z.boolean(),
  /** By how much the first answer's likeliest class leads the second; absent where the decision does not escalate. */
  margin: z.number().exactOptional(),
  responseTimeMs: z.number(),
})

/** Body of `POST /v2/tierwise/test-answers`: handfuls, one for each device, and how all answers to labelled pictures turned out. */
export const tests = z.object({
  measured: measured.exactOptional(),
  /** In force while they were given; absent where it changed. */
  goalPercent: z.number().exactOptional(),
  /** Newest first. */
  answers: z.array(testAnswer.omit({ image: true })).max(256),
})

/** What a labelled test picture was answered with, and how. */
export type TestAnswer = z.infer<typeof testAnswer>
/** How the answers to labelled pictures turned out. */
export type Tests = z.infer<typeof tests>
/** Of answers whose truth is known. */
export type Measured = z.infer<typeof measured>
