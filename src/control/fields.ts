/** What fields of messages are made of: names, physical bounds, places. */
import { z } from 'zod'
import { NAME } from '../fleet/name.ts'
import { type Placement, TIERS } from '../fleet/placement.ts'

/** Of a node, a device or a session. */
export const name = z.string().regex(NAME)
/** Of a model. */
export const variant = z.string().min(1).max(128)
/** Longest time that anything in a fleet takes, waits or tells: an hour. Timers of Node.js end at 24 days. */
export const LONGEST_MS = 3_600_000
/** A time that something took. */
export const milliseconds = z.number().min(0).max(LONGEST_MS)
/** A share of all. */
export const percent = z.number().min(0).max(100)
/** Where a node stands. */
export const tier = z.enum(TIERS)
/** Of orchestrators: Unix times of their starts, ms, or a little more. The year 5138. */
export const HIGHEST_EPOCH = 1e14
/** Of an orchestrator. */
export const epoch = z.int().min(0).max(HIGHEST_EPOCH)
/** Version, trace, span and flags, by W3C Trace Context. */
export const traceparent = z.string().regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
/** Where a request is served, and by which variant. */
export const placement: z.ZodType<Placement> = z.object({ tier, variant })
