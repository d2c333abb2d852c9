/**
 * A folder is for one process at a time: two would overwrite what the other keeps. Each puts a socket of its own into the folder, then asks
 * those of the others who they are. The system closes the sockets of a process that ends, however it does: no lock outlives its process,
 * and no other process of the same id is taken for it. Locks that are files of Node.js have no such end.
 */
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, realpath, rename, rm, symlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { z } from 'zod'
import { ConfigError, messageOf } from '../errors.ts'
import { machineDisk } from './disk.ts'

/** Longest that the system takes as the path of a socket, bytes: 103 on macOS. Node.js would cut a longer one short without a word. */
const LONGEST_PATH = 100
/** A process that says nothing for so long is stopped, or very busy. It lives. */
const ANSWER_MS = 5000
/** Between two looks at one that starts at the same time. */
const LOOK_MS = 20
/** What connecting to the socket of a process that has ended says. */
const ENDED = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'])

const holder = z.object({
  pid: z.int(),
  host: z.string(),
  /** It has looked at the others already, and found none. */
  isHolding: z.boolean(),
})
type Holder = z.infer<typeof holder>
/** It lives, and does not say who it is. */
const SILENT = { pid: undefined, host: '', isHolding: true }

/** What uses a folder: a process may have one of each in the same. */
export type FolderUser = 'node' | 'orchestrator'

/** Ends the holding. */
export type Release = () => Promise<void>

/**
 * Makes the folder this process's own until it is released, or the process ends. Where the file system cannot, it costs a warning.
 * @param folder absent: there is nothing to hold
 * @throws ConfigError where another one lives that holds it
 */
export async function holdFolder(
  folder: string | undefined,
  user: FolderUser,
  logger: Pick<Logger, 'warn'>,
): Promise<Release> {
  const nothing = async () => {}
  if (folder === undefined) return nothing
  try {
    await machineDisk.makeFolder(folder)
    const hold = process.platform === 'win32' ? holdByPipe : holdBySocket
    return await hold(folder, user, { pid: process.pid, host: hostname(), isHolding: false })
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const reason = messageOf(error)
    logger.warn(
      { folder, reason },
      'the state folder cannot be locked: see to it that no other process uses it',
    )
    return nothing
  }
}

/** Windows gives a pipe to one process alone, and frees it with the process. */
async function holdByPipe(folder: string, user: FolderUser, me: Holder): Promise<Release> {
  const place = `${user} ${(await realpath(folder)).toLowerCase()}`
  const path = `\\\\.\\pipe\\tierwise-${createHash('sha256').update(place).digest('hex')}`
  try {
    const server = await listen(path, me)
    return async () => void server.close()
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error
    throw inUse(folder, (await ask(path)) ?? SILENT)
  }
}

/**
 * Elsewhere a socket's file stays when its process is killed, and two that start could both take it for dead and replace it. So each has
 * one of a new name, there before it looks: of two, one sees the other at least. A dead one never lives again.
 */
async function holdBySocket(folder: string, user: FolderUser, me: Holder): Promise<Release> {
  const name = `${user}-${randomUUID().slice(0, 8)}.lock`
  const near = await shortened(folder, `${name}.new`)
  let server: Server | undefined
  const release = async () => {
    await rm(join(folder, name), { force: true })
    server?.close()
  }
  try {
    server = await listen(join(near.path, `${name}.new`), me)
    // Seen by others once it answers: before, they would take it for dead.
    await rename(join(folder, `${name}.new`), join(folder, name))
    for (;;) {
      const others = await othersIn(near.path, user, name)
      const first = others.find((other) => other.isHolding || other.name < name)
      if (first) throw inUse(folder, first)
      if (others.length === 0) break
      await sleep(LOOK_MS)
    }
    me.isHolding = true
    return release
  } catch (error) {
    await release()
    throw error
  } finally {
    await near.end()
  }
}

/** Where a path is too long for a socket, a short one to the same folder, until it ends. */
async function shortened(folder: string, name: string) {
  const isShort = (path: string) => Buffer.byteLength(join(path, name)) <= LONGEST_PATH
  if (isShort(folder)) return { path: folder, end: async () => {} }
  const own = await mkdtemp(join(tmpdir(), 'tw-'))
  const end = () => rm(own, { recursive: true, force: true })
  const path = join(own, 's')
  await symlink(await realpath(folder), path)
  if (isShort(path)) return { path, end }
  await end()
  throw new Error(`its path and that of ${tmpdir()} are too long for a socket`)
}

/** Those that live; what the dead left is removed. */
async function othersIn(folder: string, user: FolderUser, own: string) {
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith(`${user}-`) && name.endsWith('.lock') && name !== own,
  )
  const asked = names.map(async (name) => {
    const other = await ask(join(folder, name))
    if (other) return [{ ...other, name }]
    await rm(join(folder, name), { force: true })
    return []
  })
  return (await Promise.all(asked)).flat()
}

async function listen(path: string, me: Holder): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.setTimeout(ANSWER_MS, () => socket.destroy())
    socket.end(JSON.stringify(me))
  })
  // Whoever may not read the folder does not get this far.
  server.listen({ path, readableAll: true, writableAll: true })
  await once(server, 'listening')
  server.on('error', () => {})
  return server.unref()
}

/** Who listens there; undefined where the process has ended. */
async function ask(path: string): Promise<Holder | typeof SILENT | undefined> {
  const socket = connect(path)
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('it says nothing')))
  try {
    await once(socket, 'connect')
    return holder.parse(JSON.parse(await text(socket)))
  } catch (error) {
    return ENDED.has(codeOf(error) ?? '') ? undefined : SILENT
  } finally {
    socket.destroy()
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

function inUse(folder: string, { pid, host }: Holder | typeof SILENT): ConfigError {
  const where = host === '' || host === hostname() ? '' : ` on ${host}`
  const who = pid === undefined ? 'a process that does not answer' : `process ${pid}${where}`
  return new ConfigError(
    `the state folder ${folder} is in use by ${who}, and two would overwrite what the other keeps: end that one, or give --state another folder`,
  )
}
