/** What a node says of itself, every second or so. */
import { z } from 'zod'
import { HIGHEST_LEVEL, type ResourceState } from '../fleet/state.ts'
import { LONGEST_MS, milliseconds, name, percent, tier, variant } from './fields.ts'

/** 10 Tbit/s: no link of a fleet has more. */
const bandwidthMbps = z.number().positive().max(1e7)
/** Variants that one node may hold. */
const MAX_VARIANTS = 256
const level = (highest: number) => z.int().min(0).max(highest)
const resourceState: z.ZodType<ResourceState> = z.object({
  processor: level(HIGHEST_LEVEL),
  memory: level(1),
  bandwidth: level(1),
})

/** How the answers of a device turned out, as far as it can see. */
const inService = z.object({
  /** First answers that were judged by their margin. */
  judged: z.int().min(0),
  /** Of those: planned to be unsure, and seen to be. */
  plannedPercent: percent,
  seenPercent: percent,
  /** Confident answers that the larger variant was asked about as well, and how many it agreed with: no accuracy, as both may err. */
  audited: z.int().min(0),
  agreed: z.int().min(0),
  /** Answers whose true label was told, and how many of them were right. */
  labelled: z.int().min(0),
  right: z.int().min(0),
  /** Why the accuracy that was measured before may not be what these pictures get. */
  inDoubt: z.string().min(1).max(512).exactOptional(),
})

/** What a node could take of late, and what it could not. */
const admission = z
  .object({
    windowSeconds: z
      .number()
      .positive()
      .max(LONGEST_MS / 1000),
    /** Answered or refused in the window. */
    requests: z.int().min(0),
    /** Answered after their deadline. */
    late: z.int().min(0),
    /** For want of time or room. */
    refused: z.int().min(0),
    /** So much of that was late or refused that requests are better sent elsewhere; until hardly any is. */
    sheds: z.boolean(),
    /** What its idle workers could serve beside, at the pace of late; absent before that is known. */
    spareRequestsPerS: z.number().min(0).max(1e6).exactOptional(),
  })
  .refine(({ requests, late, refused }) => late + refused <= requests, {
    message: 'late and refused are more than requests',
  })

/** Of the name of a place. */
export const MAX_SITE_CHARACTERS = 64

/** Published periodically by every node (retained); `alive: false` is its last will. */
export const telemetry = z.discriminatedUnion('alive', [
  z.object({
    alive: z.literal(false),
    node: name,
    tier,
    /** It said goodbye itself; absent in its last will. */
    stopped: z.literal(true).exactOptional(),
  }),
  z.object({
    alive: z.literal(true),
    node: name,
    tier,
    /** Where it stands, as its settings say; people look for nodes by it. */
    site: z.string().min(1).max(MAX_SITE_CHARACTERS).exactOptional(),
    /** Base URL of the node's Open Inference Protocol server. */
    url: z.url().max(2048),
    ready: z.boolean(),
    /** What it serves by itself: a device that holds nothing leaves all to edge and cloud. */
    variants: z
      .array(
        z.object({
          name: variant,
          /** One inference, as measured at warm-up, or lately where it takes much longer or shorter now; absent before. */
          serviceTimeMs: milliseconds.gt(0).optional(),
        }),
      )
      .max(MAX_VARIANTS),
    /** Whom a device can send requests to; absent: nobody. */
    reaches: z
      .object({
        /** The edge it is connected to, by the name it answered with. */
        edge: name.optional(),
        cloud: z.boolean(),
      })
      .optional(),
    state: resourceState,
    /** What was measured, before it became discrete. */
    measured: z.object({
      /** Load that this node's own inference does not cause. */
      backgroundProcessorPercent: percent,
      memoryUsedPercent: percent,
      /** To the node above (edge for a device, cloud for an edge); absent where there is none. */
      roundTripMs: milliseconds.optional(),
      bandwidthMbps: bandwidthMbps.optional(),
    }),
    service: z.object({
      requests: z.int().min(0),
      failedRequests: z.int().min(0),
      queueDepth: z.int().min(0),
      /** Of a node that can serve. */
      admission: admission.exactOptional(),
      /** How the requests with a deadline fared since the start; absent as long as there was none. */
      scheduling: z
        .object({
          policy: z.string().min(1).max(128),
          requests: z.int().min(1),
          /** 0 for those late or dropped. */
          effectiveAccuracyPercent: percent,
          /** Of the answers given in time. */
          servedAccuracyPercent: percent,
          /** Late or dropped. */
          violationPercent: percent,
        })
        .optional(),
    }),
    /** Of a device. */
    inService: inService.exactOptional(),
    /** Of a device: none of its requests may be served below this accuracy; absent: there is no floor. */
    floorPercent: percent.exactOptional(),
    /** Of a device: its requests are to be at least so accurate on average; absent: the fleet's goal alone counts. */
    goalPercent: percent.exactOptional(),
    /** Present where speed is emulated: mean absolute error of actual against target time, percent. */
    dilationErrorPercent: z.number().min(0).max(1e6).optional(),
  }),
])

/** What a node says of itself. */
export type Telemetry = z.infer<typeof telemetry>
/** What a node could take of late. */
export type Admission = z.infer<typeof admission>
/** How the answers of a device turned out. */
export type InService = z.infer<typeof inService>
/** What a node says that lives. */
export type LiveTelemetry = Extract<Telemetry, { alive: true }>
