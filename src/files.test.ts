import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError } from './errors.ts'
import { MAX_TEXT_BYTES, makeFolder, readRegularFile, readTextFile } from './files.ts'

const folder = mkdtempSync(join(tmpdir(), 'files-'))
afterAll(() => rmSync(folder, { recursive: true }))

const place = (name: string, content?: string | Uint8Array) => {
  const file = join(folder, name)
  if (content !== undefined) writeFileSync(file, content)
  return file
}

describe('a file that somebody names', () => {
  it('is read to its end, through links too', async () => {
    const file = place('whole', Buffer.alloc(200_000, 7))
    symlinkSync(file, place('link'))
    expect(await readRegularFile(place('link'), 200_000)).toEqual(Buffer.alloc(200_000, 7))
    expect(await readRegularFile(place('empty', ''), 0)).toHaveLength(0)
  })

  it('is no more than is asked for, whatever its size is said to be', async () => {
    const file = place('large', 'x'.repeat(1001))
    await expect(readRegularFile(file, 1000)).rejects.toThrow('more than 1000 bytes')
    truncateSync(file, MAX_TEXT_BYTES + 1)
    await expect(readTextFile(file)).rejects.toThrow(ConfigError)
  })

  it.runIf(process.platform === 'linux')('may be one of the kernel, without a size', async () => {
    expect(statSync('/proc/self/maps').size).toBe(0)
    const maps = await readRegularFile('/proc/self/maps', 10_000_000)
    expect(maps.length).toBeGreaterThan(4096)
    expect(maps.at(-1)).toBe(10)
    await expect(readRegularFile('/proc/self/maps', 4096)).rejects.toThrow('more than 4096 bytes')
  })

  it.runIf(process.platform !== 'win32')('is no pipe, socket, device or folder', async () => {
    const pipe = place('pipe')
    execFileSync('mkfifo', [pipe])
    await expect(readRegularFile(pipe, 10)).rejects.toThrow(/is a pipe.*: name a regular file/)
    await expect(readRegularFile('/dev/zero', 10)).rejects.toThrow('/dev/zero is a pipe')
    await expect(readRegularFile(folder, 10)).rejects.toThrow('is a folder: name a regular file')
    const server = createServer().listen(place('socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    await expect(readRegularFile(place('socket'), 10)).rejects.toThrow()
    server.close()
    symlinkSync(place('loop'), place('loop'))
    await expect(readRegularFile(place('loop'), 10)).rejects.toThrow('ELOOP')
  })
})

describe('a text', () => {
  it('is UTF-8, with or without a byte order mark', async () => {
    expect(await readTextFile(place('marked', '\ufeffé: 1'))).toBe('é: 1')
    const latin = place('latin', Buffer.from('é: 1', 'latin1'))
    await expect(readTextFile(latin)).rejects.toThrow(`${latin} is no text in UTF-8`)
    const wide = place('wide', Buffer.from('\ufeffa: 1', 'utf16le'))
    await expect(readTextFile(wide)).rejects.toThrow('is no text in UTF-8')
  })
})

describe('a folder', () => {
  it('is made with those above it, and stays when it is there', () => {
    makeFolder(join(folder, 'a/b/c'), 0o700)
    makeFolder(join(folder, 'a/b/c'))
    expect(statSync(join(folder, 'a/b')).mode & 0o777).toBe(0o700)
  })

  it('is refused where a file is, or a link to nothing', () => {
    expect(() => makeFolder(join(place('file', ''), 'below'))).toThrow('ENOTDIR')
    expect(() => makeFolder(place('file'))).toThrow('EEXIST')
    symlinkSync(place('nothing'), place('dangling'))
    expect(() => makeFolder(join(place('dangling'), 'below'))).toThrow('EEXIST')
  })

  it.runIf(process.platform === 'linux')('is refused at once where none can be', () => {
    expect(() => makeFolder('/proc/none/below')).toThrow('ENOENT')
  })
})
