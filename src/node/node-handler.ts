import type { Clock } from '../clock.ts'
import { DeadlineError, NotFoundError } from '../errors.ts'
import { mostAccurate } from '../fleet/choice.ts'
import type { Tier } from '../fleet/placement.ts'
import { packageVersion } from '../package-files.ts'
import type { ModelIndex, ModelStatistics } from '../protocol/answer-schemas.ts'
import { EXTENSIONS } from '../protocol/extensions.ts'
import { within } from '../protocol/infer-call.ts'
import type { InferCall, InferenceHandler, InferReply } from '../protocol/inference-handler.ts'
import type { ModelMetadata, ServerMetadata } from '../protocol/messages.ts'
import { IMAGE_EXTENSION } from '../protocol/picture-body.ts'
import { REQUEST_ID_HEADER } from '../protocol/request-id.ts'
import type { IntelligentService } from '../serving/intelligent-service.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { takesPictures } from '../serving/models/picture-form.ts'
import { inSpan, traceOf } from '../tracing.ts'
import { labelHeaders, type Served, servedHeaders } from './answer-headers.ts'
import { isClientsFault } from './clients-fault.ts'
import type { DeviceModel } from './device-model.ts'
import { labelledAnswer } from './labelled-answer.ts'
import type { LocalVariants } from './local-variants.ts'
import { goalAccuracyPercent } from './request-terms.ts'

/** What a node serves, and by what. */
export interface NodeHandlerOptions {
  /** Its name. */
  readonly node: string
  readonly tier: Tier
  readonly catalogue: Catalogue
  /** The part of the catalogue that this node serves. */
  readonly held: Catalogue
  readonly service: IntelligentService
  readonly local: LocalVariants
  /** On devices: serves the logical model. Elsewhere that name means the most accurate variant. */
  readonly device?: DeviceModel | undefined
  readonly clock: Clock
  /** Told of what this node served by itself; a device tells of its own answers. */
  readonly onAnswer: (served: Served) => void
}

/** What a node answers, behind the protocol's routes: its variants as asked, and the logical model by its tier's rule. */
export class NodeHandler implements InferenceHandler {
  private readonly options: NodeHandlerOptions
  private readonly accuracyPercent: ReadonlyMap<string, number>
  private readonly version = packageVersion()
  private leaving = false
  private ended = false
  private requests = 0
  private failedRequests = 0

  constructor(options: NodeHandlerOptions) {
    this.options = options
    this.accuracyPercent = new Map(
      options.held.variants.map(({ name, accuracyPercent }) => [name, accuracyPercent]),
    )
  }

  live(): boolean {
    return true
  }

  /** False until every variant is warm, and again once `leave` was called. */
  ready(): boolean {
    return this.options.service.ready && !this.leaving
  }

  refusal(): string | undefined {
    if (this.ended) return 'is not served here any more: this node is shutting down, ask another'
    return this.options.service.ready ? undefined : 'is not ready yet: try again'
  }

  /** What a device decides on when it is there is looked at then. */
  admit(model: string, headers: InferCall['headers']): void {
    const { catalogue, device, local } = this.options
    if (device && model === catalogue.model) return
    try {
      local.admit(this.variantFor(model), headers)
    } catch (error) {
      this.requests++
      if (error instanceof DeadlineError) this.failedRequests++
      throw error
    }
  }

  /** From now on not ready, so that balancers send requests elsewhere; what comes is still served. */
  leave(): void {
    this.leaving = true
  }

  /** From now on no request is taken; those that are in flight are answered. */
  end(): void {
    this.leaving = true
    this.ended = true
  }

  serverMetadata(): ServerMetadata {
    const extensions: string[] = [...EXTENSIONS]
    if (takesPictures(this.options.catalogue.input)) extensions.push(IMAGE_EXTENSION)
    return { name: 'tierwise', version: this.version, extensions }
  }

  modelReady(model: string, version?: string): boolean {
    this.variantFor(model, version)
    return this.ready()
  }

  modelMetadata(model: string, version?: string): ModelMetadata {
    const { catalogue, held, service } = this.options
    const variant = this.variantFor(model, version)
    const metadata = held.variants.length > 0 ? service.metadata(variant) : described(catalogue)
    return { ...metadata, name: model }
  }

  repositoryIndex(): ModelIndex[] {
    const { catalogue, held } = this.options
    const names = [catalogue.model, ...held.variants.map(({ name }) => name)]
    const reason = this.ready() ? '' : (this.refusal() ?? 'is shutting down')
    const state = reason === '' ? 'READY' : 'UNAVAILABLE'
    return names.map((name) => ({ name, version: '1', state, reason }))
  }

  /** The logical model's are the sum of the variants that serve it here; what others served, they count. */
  modelStatistics(model?: string, version?: string): ModelStatistics[] {
    const { catalogue, held, local } = this.options
    const variants = held.variants.map(({ name }) => name)
    const { statistics } = local
    if (model === undefined) return variants.map((name) => statistics.of(name, [name]))
    this.variantFor(model, version)
    return [statistics.of(model, model === catalogue.model ? variants : [model])]
  }

  /** Inference requests since the start, and how many of them failed without the client's fault. */
  counts(): { requests: number; failedRequests: number } {
    const { requests, failedRequests } = this
    return { requests, failedRequests }
  }

  async infer(call: InferCall): Promise<InferReply> {
    this.requests++
    const { node, tier } = this.options
    const kind = 'server'
    const attributes = {
      'tierwise.node': node,
      'tierwise.tier': tier,
      'tierwise.model': call.model,
      'tierwise.request_id': call.headers[REQUEST_ID_HEADER],
    }
    try {
      return await inSpan(
        'request',
        traceOf(call.headers),
        async (trace) => this.labelled(await this.serve(within(call, trace)), call),
        { kind, attributes },
      )
    } catch (error) {
      if (!isClientsFault(error, call)) this.failedRequests++
      throw error
    }
  }

  private async serve(call: InferCall): Promise<InferReply> {
    const { catalogue, clock, device, local, onAnswer, tier } = this.options
    const variant = this.variantFor(call.model, call.version)
    if (device && call.model === catalogue.model) return device.infer(call)
    device?.floor.check(variant)
    const startMs = clock.nowMs()
    const floorPercent = device?.floor.percent ?? 0
    const bounds = {
      spentMs: call.receivingMs ?? 0,
      goalAccuracyPercent: Math.max(goalAccuracyPercent(call.headers), floorPercent),
    }
    const { content, queueMs, computeMs } = await local.infer(variant, call, bounds)
    const { model_name: served } = content
    const answer: Served = {
      placement: { tier, variant: served },
      accuracyPercent: this.accuracyPercent.get(served) ?? 0,
      responseTimeMs: clock.nowMs() - startMs,
      queueMs,
      computeMs,
      networkMs: 0,
    }
    onAnswer(answer)
    return { content, headers: servedHeaders(answer) }
  }

  /** What is passed on has been made by the node that served. */
  private async labelled({ content, headers }: InferReply, call: InferCall): Promise<InferReply> {
    const { catalogue } = this.options
    if ('body' in content)
      return { content, headers: { ...headers, ...labelHeaders(content.label) } }
    const answer = labelledAnswer(content, await call.decode(), catalogue)
    const { label } = answer.parameters ?? {}
    return { content: answer, headers: { ...headers, ...labelHeaders(label) } }
  }

  /** The variant that describes a model's inputs and outputs, and serves it where nothing is orchestrated. */
  private variantFor(model: string, version = '1'): string {
    const { catalogue, held } = this.options
    const isLogical = model === catalogue.model
    const served = held.variants.length > 0 ? held : catalogue
    const variant = isLogical ? mostAccurate(served.variants).name : model
    if (!isLogical && !this.accuracyPercent.has(variant)) {
      const known = [catalogue.model, ...this.accuracyPercent.keys()].join(', ')
      throw new NotFoundError(`there is no model "${model}" here: this node serves ${known}`)
    }
    if (version === '1') return variant
    throw new NotFoundError(`model "${model}" has version 1 only, not "${version}"`)
  }
}

/** The logical model, on a node that has no model file to ask. */
function described({ model, input, output }: Catalogue): ModelMetadata {
  const { name, datatype, shape } = input
  return {
    name: model,
    versions: ['1'],
    platform: 'onnx_onnxv1',
    inputs: [{ name, datatype, shape }],
    outputs: [{ ...output, datatype: 'FP32' }],
  }
}
