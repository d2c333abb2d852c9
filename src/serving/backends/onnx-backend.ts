import { InvalidInputError, UnavailableError } from '../../errors.ts'
import { checkRequest } from '../../protocol/check-request.ts'
import { elementBytes, elementCount } from '../../protocol/datatypes.ts'
import type { InferRequest, ModelMetadata, Tensor } from '../../protocol/messages.ts'
import type { Backend, Inference } from './backend.ts'
import type { WorkerPool } from './worker-pool.ts'

/** One variant served by the local worker pool. */
export class OnnxBackend implements Backend {
  private readonly pool: WorkerPool
  private readonly variant: string
  private served: ModelMetadata | undefined

  /** @param pool holds all variants and outlives its back ends */
  constructor(pool: WorkerPool, variant: string) {
    this.pool = pool
    this.variant = variant
  }

  async load(): Promise<void> {
    await this.pool.start()
    const signature = this.pool.signatures[this.variant]
    if (signature === undefined) {
      throw new UnavailableError(`the workers do not hold variant "${this.variant}"`)
    }
    this.served = {
      name: this.variant,
      versions: ['1'],
      platform: 'onnx_onnxv1',
      inputs: signature.inputs,
      outputs: signature.outputs,
    }
  }

  get ready(): boolean {
    return this.served !== undefined && this.pool.ready
  }

  /** @throws UnavailableError before the model is loaded: only its file knows its inputs and outputs */
  get metadata(): ModelMetadata {
    if (this.served === undefined) {
      throw new UnavailableError(`variant "${this.variant}" is not loaded`)
    }
    return this.served
  }

  check(request: InferRequest): void {
    checkRequest(request, this.metadata)
    for (const input of request.inputs) checkSize(input)
  }

  /** On a free worker. */
  async infer(request: InferRequest, signal?: AbortSignal): Promise<Inference> {
    signal?.throwIfAborted()
    this.check(request)
    const { inputs, outputs: wanted } = request
    const names = (wanted?.length ? wanted : this.metadata.outputs).map(({ name }) => name)
    const { outputs, computeMs } = await this.pool.run(this.variant, inputs, names)
    return { outputs, computeMs }
  }

  async unload(): Promise<void> {
    this.served = undefined
  }
}

/** @throws InvalidInputError when a tensor holds more or fewer bytes than its shape and datatype say */
function checkSize({ name, datatype, shape, data }: Tensor): void {
  if (datatype === 'BYTES') return
  const bytes = elementCount(shape) * elementBytes(datatype)
  if (data.byteLength === bytes) return
  throw new InvalidInputError(
    `input "${name}" is ${datatype} [${shape}], which is ${bytes} bytes; it has ${data.byteLength}`,
  )
}
