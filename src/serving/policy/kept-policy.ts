import { join } from 'node:path'
import type { Logger } from 'pino'
import { z } from 'zod'
import { messageOf } from '../../errors.ts'
import { silentLogger } from '../../silent-logger.ts'
import { type Disk, machineDisk } from '../../storage/disk.ts'
import { DurableFile, type FileKind } from '../../storage/durable-file.ts'

const content = z.object({
  /** What the node was told to decide by when it was swapped in; see `PolicyInForce`. */
  origin: z.string(),
  /** As in a policy file; none when it was given up. */
  policy: z.string().optional(),
})
type Content = z.infer<typeof content>

const KEPT_POLICY: FileKind<Content> = { format: 'tierwise-kept-policy-1', schema: content }

/** The policy that a node has learned by itself, where it outlives the process. */
export class KeptPolicy {
  private readonly file: DurableFile<Content>
  private readonly folder: string
  private readonly disk: Disk
  private readonly logger: Pick<Logger, 'warn'>
  private writing: Promise<void> = Promise.resolve()

  constructor(
    folder: string,
    logger: Pick<Logger, 'warn'> = silentLogger,
    disk: Disk = machineDisk,
  ) {
    this.file = new DurableFile(join(folder, 'scheduling-policy'), KEPT_POLICY, disk)
    this.folder = folder
    this.disk = disk
    this.logger = logger
  }

  /** Undefined where there is none; a damaged file costs a warning. */
  read(): Promise<Content | undefined> {
    return this.file.read(this.logger)
  }

  /** After what is being written. What cannot be written is logged. */
  write(content: Content): Promise<void> {
    this.writing = this.writing.then(async () => {
      try {
        await this.disk.makeFolder(this.folder)
        await this.file.write(content)
      } catch (error) {
        const { path } = this.file
        this.logger.warn(
          `scheduling: what was learned is lost with this process, as ${path} cannot be written: ${messageOf(error)}`,
        )
      }
    })
    return this.writing
  }
}
