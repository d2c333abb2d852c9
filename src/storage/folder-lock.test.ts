import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FolderUser, holdFolder } from './folder-lock.ts'

let parent: string
let folder: string
let warnings: string[]
const children: ChildProcess[] = []
const logger = { warn: (_: unknown, text?: unknown) => void warnings.push(String(text)) }

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'tierwise-'))
  folder = join(parent, 'state')
  warnings = []
})
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child)
  await rm(parent, { recursive: true })
})

const hold = (user: FolderUser = 'orchestrator', of = folder) => holdFolder(of, user, logger)
const locks = async () => (await readdir(folder)).filter((name) => name.includes('.lock'))

/** Another process that holds the folder. */
async function otherProcess(of = folder): Promise<ChildProcess> {
  const module = new URL('folder-lock.ts', import.meta.url).href
  const script = `
    const { holdFolder } = await import(${JSON.stringify(module)})
    await holdFolder(${JSON.stringify(of)}, 'orchestrator', console)
    process.stdout.write('held')
    setInterval(() => {}, 1000)`
  const tsx = fileURLToPath(import.meta.resolve('tsx'))
  const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', script])
  children.push(child)
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('held')
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

describe('a folder that another process holds', () => {
  it('is refused, by its name, the id of the process, and the remedy', async () => {
    const child = await otherProcess()
    await expect(hold()).rejects.toThrow(
      `the state folder ${folder} is in use by process ${child.pid}, and two would overwrite what the other keeps: end that one, or give --state another folder`,
    )
    expect(await locks()).toHaveLength(1)
  })

  it('is free as soon as that one is killed, and what it left is removed', async () => {
    await kill(await otherProcess())
    expect(await locks()).toHaveLength(1)
    const release = await hold()
    expect(await locks()).toHaveLength(1)
    await release()
    expect(await locks()).toEqual([])
  })

  it('stays refused while that one is stopped, and says nothing', { timeout: 30_000 }, async () => {
    const child = await otherProcess()
    child.kill('SIGSTOP')
    await expect(hold()).rejects.toThrow('in use by a process that does not answer')
    child.kill('SIGCONT')
    await expect(hold()).rejects.toThrow(`in use by process ${child.pid}`)
  })
})

describe('a folder that this process holds', () => {
  it('is made, refused to others, and free once it is released', async () => {
    const release = await hold()
    await expect(hold()).rejects.toThrow(`in use by process ${process.pid}`)
    await release()
    await (await hold())()
    expect(await locks()).toEqual([])
  })

  it('is free for what keeps other files there', async () => {
    const releases = [await hold('orchestrator'), await hold('node')]
    expect(await locks()).toHaveLength(2)
    for (const release of releases) await release()
  })

  it('goes to one alone of many that begin at once', async () => {
    const began = await Promise.allSettled(Array.from({ length: 5 }, () => hold()))
    const held = began.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(held).toHaveLength(1)
    expect(await locks()).toHaveLength(1)
    for (const release of held) await release()
  })
})

it('goes by no name that is too long for a socket', async () => {
  folder = join(parent, 'a-folder-of-a-very-long-name'.repeat(4), 'state')
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith('tw-'))
  const release = await hold()
  await expect(hold()).rejects.toThrow(`the state folder ${folder} is in use`)
  expect(await locks()).toHaveLength(1)
  expect((await readdir(tmpdir())).filter((name) => name.startsWith('tw-'))).toEqual(before)
  await release()
  expect(await locks()).toEqual([])
  expect(warnings).toEqual([])
})

it('takes a file of that name for no process', async () => {
  await mkdir(folder)
  await writeFile(join(folder, 'orchestrator-00000000.lock'), '1')
  await (await hold())()
  expect(await locks()).toEqual([])
})

it('warns where there can be no lock, and lets the start go on', async () => {
  await writeFile(folder, '')
  await (await hold('node', join(folder, 'inside')))()
  expect(warnings).toEqual([expect.stringContaining('cannot be locked')])
  await access(folder)
})

it('holds nothing where there is no folder', async () => {
  await (await holdFolder(undefined, 'node', logger))()
  expect(warnings).toEqual([])
})
