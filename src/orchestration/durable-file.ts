/**
 * Files that survive what a process may die of. Written beside, synced, then renamed: a crash leaves the old one or the new one, and
 * what was written before stays as a second generation. Files and no store: either waits for the same sync of the disk, which is
 * nearly all of the time (4 to 12 ms at the median on a busy disk), and a file needs no binary.
 */
import { createHash } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { InvalidInputError, messageOf } from '../errors.ts'
import { unfiniteIn } from '../learning/agents/unfinite.ts'

/** What a file holds: the first word of it, which names its version, and how its content is checked. */
export interface FileKind<Content> {
  readonly format: string
  readonly schema: z.ZodType<Content>
}

/** The generation before the newest. */
const olderOf = (file: string) => `${file}.old`

/**
 * Resolves when the content is on the disk.
 * @param outlives the machine by default; `process`: not a loss of power, and no sync of the disk is waited for
 * @throws InvalidInputError where a number of it is not finite; the file stays as it is
 */
export async function writeDurably<Content>(
  file: string,
  { format }: FileKind<Content>,
  content: Content,
  outlives: 'process' | 'machine' = 'machine',
): Promise<void> {
  const place = unfiniteIn(content)
  if (place !== undefined) {
    throw new InvalidInputError(`${place} is not finite: keeping the ${format} from before`)
  }
  const body = serialize(content)
  const unfinished = `${file}.new`
  const isSynced = outlives === 'machine'
  await write(unfinished, Buffer.concat([headerOf(format, body), body]), isSynced)
  await rename(file, olderOf(file)).catch((error: unknown) => {
    if (!isMissing(error)) throw error
  })
  await rename(unfinished, file)
  if (isSynced) await syncFolder(dirname(file))
}

/**
 * The newest generation that is as it was written. Undefined where there is none: a damaged file costs what it held, and a warning, but
 * never a start.
 */
export async function readDurable<Content>(
  file: string,
  kind: FileKind<Content>,
  logger: Pick<Logger, 'warn'>,
): Promise<Content | undefined> {
  for (const generation of [file, olderOf(file)]) {
    try {
      return contentOf(await readFile(generation), kind)
    } catch (error) {
      if (isMissing(error)) continue
      const next = generation === file ? 'trying the one before' : 'starting without'
      logger.warn(
        { file: generation, reason: messageOf(error).slice(0, 500) },
        `${kind.format} not usable: ${next}`,
      )
    }
  }
  return undefined
}

/** @throws Error for what is not as it was written, or is not what it should be */
function contentOf<Content>(bytes: Buffer, { format, schema }: FileKind<Content>): Content {
  const end = bytes.indexOf('\n') + 1
  const body = bytes.subarray(end)
  const isWhole = bytes.subarray(0, end).equals(headerOf(format, body))
  if (!isWhole) throw new Error(`it is damaged, or no "${format}"`)
  const content = schema.parse(deserialize(body))
  const place = unfiniteIn(content)
  if (place !== undefined) throw new Error(`${place} is not finite`)
  return content
}

function headerOf(format: string, body: Uint8Array): Buffer {
  const checksum = createHash('sha256').update(body).digest('hex')
  return Buffer.from(`${format} ${checksum}\n`)
}

async function write(file: string, bytes: Uint8Array, isSynced: boolean): Promise<void> {
  const handle = await open(file, 'w', 0o600)
  try {
    await handle.writeFile(bytes)
    if (isSynced) await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Or the renaming could be forgotten. Windows cannot, and need not, sync a folder. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
