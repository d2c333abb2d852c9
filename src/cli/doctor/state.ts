/** The state folder: whether it can be written, and whether what it holds is as it was written. */
import { constants } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf } from '../../errors.ts'
import { isMissing } from '../../files.ts'
import { isWhole, olderOf } from '../../storage/durable-file.ts'
import { stateFolder } from '../state-folder.ts'
import type { Examined, Finding } from './finding.ts'

type Kept = Pick<Examined, 'tier' | 'name' | 'state' | 'checkpoint' | 'broker' | 'brokerPort'>

/** Of the cloud node the usual one too; other nodes keep something only where they are told. */
export async function stateFindings(settings: Kept): Promise<Finding[]> {
  const { tier, name = tier, state, checkpoint } = settings
  const folder = tier === 'cloud' ? stateFolder({ ...settings, name }) : state
  const findings = folder === undefined ? [] : await ofFolder(folder)
  if (tier !== 'cloud' || checkpoint === undefined) return findings
  return [...findings, ...(await ofFile(checkpoint))]
}

async function ofFolder(folder: string): Promise<Finding[]> {
  const problem = await placeProblem(folder, folder)
  if (problem) return [problem]
  const names = await readdir(folder).catch(() => [])
  // Others are older generations, or a copy of somebody.
  const files = names.filter((name) => !name.includes('.')).map((name) => join(folder, name))
  const damaged = (await Promise.all(files.map(ofFile))).flat()
  if (damaged.length > 0) return damaged
  const finding = `${folder} can be written; ${files.length} files in it, none damaged`
  return [{ about: 'state', state: 'well', finding }]
}

/** @param place the folder, or the nearest one above it that is there */
async function placeProblem(folder: string, place: string): Promise<Finding | undefined> {
  try {
    if (!(await stat(place)).isDirectory()) {
      const finding = `${place} is no folder`
      return { about: 'state', state: 'wrong', finding, remedy: '--state with another folder' }
    }
    await access(place, constants.R_OK | constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    const isAbsent = isMissing(error) || messageOf(error).startsWith('ENOTDIR')
    if (isAbsent && dirname(place) !== place) return placeProblem(folder, dirname(place))
    const finding = `${folder} cannot be written: ${messageOf(error)}`
    const remedy =
      place === folder
        ? `sudo chown -R "$USER" ${folder} && chmod u+rwx ${folder}`
        : `sudo install -d -m 700 -o "$USER" ${folder}; or --state with another folder`
    return { about: 'state', state: 'wrong', finding, remedy }
  }
}

/** Nothing where it is whole, or not there yet. */
async function ofFile(file: string): Promise<Finding[]> {
  try {
    if (await isWhole(file)) return []
    const hasOlder = await isWhole(olderOf(file)).catch(() => false)
    const next = hasOlder ? 'the node takes the one before' : 'the node starts without what it held'
    const finding = `${file} is damaged: ${next}`
    const remedy = `from a backup, else out of the way: mv ${file} ${file}.damaged`
    return [{ about: 'state', state: hasOlder ? 'doubtful' : 'wrong', finding, remedy }]
  } catch (error) {
    if (isMissing(error)) return []
    const finding = `${file} cannot be read: ${messageOf(error)}`
    return [{ about: 'state', state: 'wrong', finding, remedy: `sudo chown "$USER" ${file}` }]
  }
}
