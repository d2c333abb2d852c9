/**
 * Files that survive what a process may die of. Written beside, synced, then renamed: a crash leaves the old one or the new one, and
 * what was written before stays as a second generation. What is found under a file's name and cannot be used is set aside, so that
 * neither a good generation nor somebody's own file is lost. Files and no store: either waits for the same sync of the disk, which is
 * nearly all of the time (4 to 12 ms at the median on a busy disk), and a file needs no binary.
 */
import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { ConfigError, InvalidInputError, messageOf } from '../errors.ts'
import { isMissing } from '../files.ts'
import { unfiniteIn } from '../unfinite.ts'
import { type Disk, machineDisk } from './disk.ts'

/** What a file holds: the first word of it, which names its version, and how its content is checked. */
export interface FileKind<Content> {
  readonly format: string
  readonly schema: z.ZodType<Content>
}

/** The generation before the newest. */
export const olderOf = (file: string) => `${file}.old`
/** What had the file's name and could not be used. */
const unusableOf = (file: string) => `${file}.unusable`

/** What a file must outlive: the process alone costs no sync of the disk, the machine (a loss of power) does. */
export type Outlived = 'process' | 'machine'

/** One file, in two generations. */
export class DurableFile<Content> {
  readonly path: string
  private readonly kind: FileKind<Content>
  private readonly disk: Disk
  /** Whether the newest generation was read and found good, or not read at all. */
  private isUsable = true

  constructor(path: string, kind: FileKind<Content>, disk: Disk = machineDisk) {
    this.path = path
    this.kind = kind
    this.disk = disk
  }

  /**
   * Resolves when the content is where it outlives what it is to. One write after another: the caller waits.
   * @throws InvalidInputError where a number of it is not finite; the file stays as it is
   */
  async write(content: Content, outlived: Outlived = 'machine'): Promise<void> {
    const { disk, path } = this
    const { format } = this.kind
    const place = unfiniteIn(content)
    if (place !== undefined) {
      throw new InvalidInputError(`${place} is not finite: keeping the ${format} from before`)
    }
    const body = serialize(content)
    const unfinished = `${path}.new`
    const isSynced = outlived === 'machine'
    await disk.write(unfinished, Buffer.concat([headerOf(format, body), body]), isSynced)
    const aside = this.isUsable ? olderOf(path) : unusableOf(path)
    await disk.rename(path, aside).catch((error: unknown) => {
      if (!isMissing(error)) throw error
    })
    await disk.rename(unfinished, path)
    this.isUsable = true
    // Or the renaming could be forgotten.
    if (isSynced) await disk.syncFolder(dirname(path))
  }

  /**
   * The newest generation that is as it was written. Undefined where there is none: a damaged file costs what it held, and a warning,
   * but never a start.
   * @throws ConfigError for what is no file that this could have written: a folder, a device, more than a gigabyte
   */
  async read(logger: Pick<Logger, 'warn'>): Promise<Content | undefined> {
    const { disk, kind, path } = this
    for (const generation of [path, olderOf(path)]) {
      try {
        return contentOf(await disk.read(generation), kind)
      } catch (error) {
        if (isMissing(error)) continue
        if (error instanceof ConfigError) throw error
        if (generation === path) this.isUsable = false
        const next = generation === path ? 'trying the one before' : 'starting without'
        logger.warn(
          { file: generation, reason: messageOf(error).slice(0, 500) },
          `${kind.format} not usable: ${next}`,
        )
      }
    }
    return undefined
  }
}

/** Whether a file is as some `DurableFile` wrote it, whatever it holds. @throws Error where it cannot be read */
export async function isWhole(file: string, disk: Disk = machineDisk): Promise<boolean> {
  const { header, format, body } = partsOf(await disk.read(file))
  return header.equals(headerOf(format, body))
}

/** @throws Error for what is not as it was written, or is not what it should be */
function contentOf<Content>(read: Uint8Array, { format, schema }: FileKind<Content>): Content {
  const { header, body } = partsOf(read)
  if (!header.equals(headerOf(format, body))) {
    throw new Error(`it is damaged, or no "${format}"`)
  }
  const content = schema.parse(deserialize(body))
  const place = unfiniteIn(content)
  if (place !== undefined) throw new Error(`${place} is not finite`)
  return content
}

function partsOf(read: Uint8Array) {
  const bytes = Buffer.from(read)
  const end = bytes.indexOf('\n') + 1
  const header = bytes.subarray(0, end)
  const [format = ''] = header.toString().split(' ')
  return { header, format, body: bytes.subarray(end) }
}

function headerOf(format: string, body: Uint8Array): Buffer {
  const checksum = createHash('sha256').update(body).digest('hex')
  return Buffer.from(`${format} ${checksum}\n`)
}
