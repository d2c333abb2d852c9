/** What an application gives the client, and gets from it. */
import type { Tensor } from './tensors.ts'

/** Of all requests of a client. */
export interface ClientOptions {
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string
  /** From the call to the last byte of the answer, retries included; 10,000. */
  readonly timeoutMs?: number
  /** How often a request is sent again that a busy server refused and told when to try again; 2. */
  readonly retries?: number
  /** In place of the global one: one with certificates of its own, for example. */
  readonly fetch?: typeof fetch
}

/** Of one request. */
export interface InferOptions {
  /** Wanted within so many ms of its arrival: a smaller variant may serve; what cannot be in time is a DeadlineError. */
  readonly deadlineMs?: number
  /** With a deadline: no variant below this accuracy serves, percent. */
  readonly minAccuracy?: number
  /** 1 (the largest share) to 9; 5. */
  readonly priority?: number
  /** Answer with the so many likeliest classes in place of the outputs. */
  readonly classes?: number
  /** Comes back in the answer; feedback tells by it. */
  readonly id?: string
  /** Ends the request; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal
}

/** An encoded JPEG, PNG or WebP. */
export type Picture = Blob | ArrayBuffer | Uint8Array

/** One class of an answer. */
export interface ScoredClass {
  readonly score: number
  readonly index: number
  /** Absent where the model's classes have no names. */
  readonly label?: string
}

/** An answer. What a server does not tell is absent. */
export interface Answer {
  readonly outputs: readonly Tensor[]
  readonly parameters: Readonly<Record<string, unknown>>
  readonly id?: string
  /** The likeliest class of a picture. */
  readonly label?: string
  /** Where `classes` were asked for, the likeliest first. */
  readonly classes?: readonly ScoredClass[]
  /** Tier and variant, such as `edge/d0`. */
  readonly servedBy?: string
  /** In the node, without the way there. */
  readonly responseTimeMs?: number
}
