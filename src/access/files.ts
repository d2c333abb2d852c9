/** Files with secrets in them: whole or not there, and nobody else's to read. */
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError, messageOf } from '../errors.ts'
import { makeFolder } from '../files.ts'

/** For the owner alone. */
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

/**
 * Writes a file of mode 600 in the place of what was there, in one step, and its folder (mode 700) where there is none.
 * @throws ConfigError where it cannot be written
 */
export async function writePrivate(file: string, text: string): Promise<void> {
  try {
    makeFolder(dirname(file), FOLDER_MODE)
    await writeInPlace(file, text)
  } catch (cause) {
    const problem = `${file} cannot be written: ${messageOf(cause)}`
    throw new ConfigError(`${problem}: choose another folder`, { cause })
  }
}

async function writeInPlace(file: string, text: string): Promise<void> {
  const written = `${file}.${process.pid}.new`
  await rm(written, { force: true })
  const handle = await open(written, 'wx', FILE_MODE)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(written, file)
}
