/** The variants on this node, as answers of the protocol, and how fast each has been of late. */
import type { InferCall } from '../protocol/inference-handler.ts'
import type { InferResponse } from '../protocol/messages.ts'
import type { Inference } from '../serving/backend.ts'
import type { IntelligentService } from '../serving/intelligent-service.ts'

export interface LocalAnswer extends Omit<Inference, 'outputs'> {
  readonly content: InferResponse
}

const keptPerVariant = 15

export class LocalVariants {
  private readonly service: Pick<IntelligentService, 'infer'>
  private readonly latestMs = new Map<string, number[]>()

  constructor(service: Pick<IntelligentService, 'infer'>) {
    this.service = service
  }

  /** @throws TierwiseError of a malformed request, or of a service that is overloaded */
  async infer(variant: string, call: InferCall): Promise<LocalAnswer> {
    const request = call.decode()
    const { outputs, queueMs, computeMs } = await this.service.infer(variant, request, call.signal)
    this.note(variant, computeMs)
    const { id } = request
    const content = {
      model_name: variant,
      model_version: '1',
      ...(id !== undefined && { id }),
      outputs,
    }
    return { content, queueMs, computeMs }
  }

  /** Median compute time of the latest inferences; undefined until the variant has served. */
  medianMs(variant: string): number | undefined {
    const latest = this.latestMs.get(variant)
    return latest?.toSorted((a, b) => a - b)[Math.floor(latest.length / 2)]
  }

  private note(variant: string, computeMs: number): void {
    const latest = this.latestMs.get(variant)
    if (latest === undefined) this.latestMs.set(variant, [computeMs])
    else if (latest.push(computeMs) > keptPerVariant) latest.shift()
  }
}
