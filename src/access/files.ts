/** Files with secrets in them: whole or not there, and nobody else's to read. */
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** For the owner alone. */
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

/** Writes a file of mode 600 in the place of what was there, in one step, and its folder (mode 700) where there is none. */
export async function writePrivate(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: FOLDER_MODE })
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
