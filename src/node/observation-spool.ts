/** A device's observations while no orchestrator hears them: kept within bounds, across a restart too, and told once one is there again. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import { type AnswerReport, schemas } from '../control/messages.ts'
import { messageOf } from '../errors.ts'
import { type Disk, machineDisk } from '../storage/disk.ts'
import { DurableFile, type FileKind } from '../storage/durable-file.ts'

/** Kept at most; of more, the oldest are dropped. */
const MAX_REPORTS = 1000
const MAX_BYTES = 512 * 1024
/** An orchestrator says every two seconds that it decides; one that has not for so long is away. */
const AWAY_MS = 6000
/** Between two writes: many observations cost one. */
const WRITE_MS = 2000

const spooled = z.object({ reports: z.array(schemas.observation).max(MAX_REPORTS) })
const SPOOL: FileKind<z.infer<typeof spooled>> = { format: 'tierwise-spool-1', schema: spooled }

/** Who is told, and where what waits outlives the process. */
export interface SpoolOptions {
  readonly control: Pick<ControlPlane, 'publish' | 'connected'>
  readonly clock: Clock
  readonly logger: Pick<Logger, 'warn'>
  /** Absent: what waits ends with the process. */
  readonly stateFolder?: string | undefined
  readonly disk?: Disk
}

/** Oldest first, between a device and the orchestrator. */
export class ObservationSpool {
  /** Found no place, since the start. */
  dropped = 0
  private readonly options: SpoolOptions
  private readonly file: DurableFile<z.infer<typeof spooled>> | undefined
  private waiting: { readonly report: AnswerReport; readonly bytes: number }[] = []
  private bytes = 0
  /** Of an orchestrator's news: the newest may be what a broker retained of one that is gone. */
  private newsAtMs: number | undefined
  private isSending = false
  /** What is on the disk is not what waits. */
  private isChanged = false
  private isWriteDue = false
  private written: Promise<void> = Promise.resolve()

  private constructor(options: SpoolOptions) {
    const { stateFolder, disk } = options
    this.options = options
    if (stateFolder !== undefined) {
      this.file = new DurableFile(join(stateFolder, 'observations'), SPOOL, disk)
    }
  }

  /** With what an earlier process left; a damaged file costs a warning, and what it held. */
  static async open(options: SpoolOptions): Promise<ObservationSpool> {
    const spool = new ObservationSpool(options)
    await spool.prepare()
    const kept = await spool.file?.read(options.logger)
    for (const report of kept?.reports ?? []) spool.keep(report)
    return spool
  }

  /** Waiting to be told. */
  get size(): number {
    return this.waiting.length
  }

  /** Told at once where nobody is known to be away and none waits; else kept. */
  add(report: AnswerReport): void {
    const { control } = this.options
    if (control.connected && !this.isSilent && this.waiting.length === 0) {
      void control.publish('observation', report)
      return
    }
    this.keep(report)
    this.changed()
  }

  /** News of an orchestrator. What waits is told with the second in a row: the first may be of one that is gone. */
  heardNews(): void {
    const isInRow = this.newsAtMs !== undefined && !this.isSilent
    this.newsAtMs = this.options.clock.nowMs()
    if (isInRow && !this.isSending) void this.send()
  }

  /** Resolves when what waits is written. */
  async close(): Promise<void> {
    await this.write()
  }

  private get isSilent(): boolean {
    return this.newsAtMs !== undefined && this.options.clock.nowMs() - this.newsAtMs >= AWAY_MS
  }

  private async prepare(): Promise<void> {
    const { stateFolder, disk = machineDisk } = this.options
    try {
      if (stateFolder !== undefined) await disk.makeFolder(stateFolder)
    } catch (error) {
      this.warn(error)
    }
  }

  private warn(error: unknown): void {
    const { logger, stateFolder } = this.options
    const reason = messageOf(error)
    logger.warn({ stateFolder, reason }, 'observations that wait are lost with this process')
  }

  private keep(report: AnswerReport): void {
    const bytes = Buffer.byteLength(JSON.stringify(report))
    this.waiting.push({ report, bytes })
    this.bytes += bytes
    while (this.waiting.length > MAX_REPORTS || this.bytes > MAX_BYTES) {
      this.dropped += 1
      this.takeOldest()
    }
  }

  private takeOldest(): void {
    this.bytes -= this.waiting.shift()?.bytes ?? 0
  }

  /** One after another, so that the broker is not flooded. What it did not surely take stays, and may come twice. */
  private async send(): Promise<void> {
    const { control, logger } = this.options
    this.isSending = true
    for (let [next] = this.waiting; next && !this.isSilent; [next] = this.waiting) {
      try {
        await control.publish('observation', next.report)
      } catch (error) {
        logger.warn({ reason: messageOf(error) }, 'dropped an observation')
      }
      if (!control.connected) break
      if (this.waiting[0] === next) this.takeOldest()
      this.changed()
    }
    this.isSending = false
  }

  private changed(): void {
    this.isChanged = true
    if (this.file === undefined || this.isWriteDue) return
    this.isWriteDue = true
    void this.options.clock.sleep(WRITE_MS).then(() => {
      this.isWriteDue = false
      return this.write()
    })
  }

  /** One write after another. */
  private write(): Promise<void> {
    this.written = this.written.then(() => this.writeNow())
    return this.written
  }

  private async writeNow(): Promise<void> {
    if (this.file === undefined || !this.isChanged) return
    this.isChanged = false
    try {
      await this.file.write({ reports: this.waiting.map(({ report }) => report) }, 'process')
    } catch (error) {
      this.warn(error)
    }
  }
}
