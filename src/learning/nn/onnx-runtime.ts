/**
 * ONNX Runtime, called synchronously. The package's public `run` is a promise around its native binding's synchronous
 * `run`, resolved by `setImmediate`; for networks of microseconds that costs more than the work, and an agent's two
 * methods could not be plain functions. So this file, and no other, takes the binding itself.
 */
import { createRequire } from 'node:module'
import type * as ort from 'onnxruntime-node'

/** By the names of a graph's inputs or outputs. */
export type Tensors = Record<string, ort.Tensor>

/** A model, loaded. */
export interface SynchronousSession {
  /** Blocks until done; results are written into the tensors of `fetches`. */
  run(feeds: Tensors, fetches: Tensors): void
}

/** What is used of the package. */
export interface OnnxRuntime {
  readonly Tensor: typeof ort.Tensor
  /** @param model bytes of an ONNX file */
  load(model: Uint8Array<ArrayBuffer>): SynchronousSession
}

/** The part of `onnxruntime-node/dist/binding.js` used here. */
interface Binding {
  readonly initOrt: () => void
  readonly binding: {
    readonly InferenceSession: new () => {
      loadModel(buffer: ArrayBuffer, offset: number, length: number, options: object): void
      run(feeds: Tensors, fetches: Tensors, options: object): unknown
    }
  }
}

/** One thread: two do not help networks this small, and one makes every run reproducible bit for bit. */
const SESSION_OPTIONS = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
} as const

/** @returns undefined where ONNX Runtime is not installed or has no native library for this machine */
export function loadOnnxRuntime(): OnnxRuntime | undefined {
  const require = createRequire(import.meta.url)
  try {
    const { Tensor } = require('onnxruntime-node') as typeof ort
    const { initOrt, binding } = require('onnxruntime-node/dist/binding.js') as Binding
    initOrt()
    return {
      Tensor,
      load: (model) => {
        const session = new binding.InferenceSession()
        session.loadModel(model.buffer, model.byteOffset, model.byteLength, SESSION_OPTIONS)
        return { run: (feeds, fetches) => void session.run(feeds, fetches, {}) }
      },
    }
  } catch {
    return undefined
  }
}
