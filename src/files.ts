/** Files and folders that people name: whatever is there, the answer comes within bounds of time and memory. */
import { constants, mkdirSync, type Stats, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError } from './errors.ts'

/** Of settings, catalogues, traces and other texts. */
export const MAX_TEXT_BYTES = 64 * 1024 ** 2

/**
 * The bytes of a regular file. What may never end, as a pipe or a device, is not read.
 * @throws ConfigError for another kind of file, and for more than `maxBytes`; else what the file system said
 */
export async function readRegularFile(file: string, maxBytes: number): Promise<Buffer> {
  // Or opening a pipe would wait for who writes into it. Windows has no such flag.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stats = await handle.stat()
    refuseUnreadable(file, stats, maxBytes)
    const bytes = await readToEnd(handle, Math.min(stats.size, maxBytes) + 1, maxBytes)
    if (bytes.length > maxBytes) throw tooLarge(file, maxBytes)
    return bytes
  } finally {
    await handle.close()
  }
}

/** A file in UTF-8, with or without a byte order mark. @throws ConfigError, too, where it is no such text */
export async function readTextFile(file: string): Promise<string> {
  const bytes = await readRegularFile(file, MAX_TEXT_BYTES)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new ConfigError(`${file} is no text in UTF-8: save it as that`, { cause })
  }
}

/** @throws ConfigError for what is no regular file, or more than `maxBytes` */
export function refuseUnreadable(file: string, stats: Stats, maxBytes: number): void {
  if (!stats.isFile()) {
    const kind = stats.isDirectory() ? 'a folder' : 'a pipe, a socket or a device'
    throw new ConfigError(`${file} is ${kind}: name a regular file`)
  }
  if (stats.size > maxBytes) throw tooLarge(file, maxBytes)
}

/** With the folders above it; one that is there stays as it is. @throws what the file system said */
export function makeFolder(folder: string, mode = 0o777): void {
  try {
    mkdirSync(folder, mode)
  } catch (error) {
    // One by one: where nothing can be made, as in /proc, the recursive form of Node.js never ends.
    if (isMissing(error) && !isFolder(dirname(folder))) {
      makeFolder(dirname(folder), mode)
      makeFolder(folder, mode)
    } else if (!isFolder(folder)) throw error
  }
}

/** Whether a file system refused because the file is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** What there is, or a byte more than `maxBytes`. @param size expected: files of /proc have none */
async function readToEnd(handle: FileHandle, size: number, maxBytes: number): Promise<Buffer> {
  let bytes = Buffer.alloc(size)
  for (let length = 0; ; ) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length)
    length += bytesRead
    if (bytesRead === 0 || length > maxBytes) return bytes.subarray(0, length)
    if (length === bytes.length) {
      bytes = Buffer.concat([bytes], Math.min(Math.max(2 * length, 4096), maxBytes + 1))
    }
  }
}

function tooLarge(file: string, maxBytes: number): ConfigError {
  return new ConfigError(`${file} has more than ${maxBytes} bytes: so much is not read`)
}
