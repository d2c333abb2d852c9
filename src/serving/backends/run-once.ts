/** Runs a model once, on this thread: to build models with, never where requests are answered. */
import { InferenceSession, Tensor } from 'onnxruntime-node'

interface Floats {
  readonly data: Float32Array
  readonly shape: readonly number[]
}

/** @param model bytes of an ONNX file whose inputs and outputs are all 32-bit floats. @returns outputs by name */
export async function runOnce(
  model: Uint8Array,
  inputs: Readonly<Record<string, Floats>>,
): Promise<Record<string, Float32Array>> {
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    enableCpuMemArena: false,
  })
  try {
    const feeds = Object.entries(inputs).map(([name, { data, shape }]) => {
      return [name, new Tensor('float32', data, shape)]
    })
    const outputs = await session.run(Object.fromEntries(feeds))
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]),
    )
  } finally {
    await session.release()
  }
}
