/** The commands that documents show: what stands in their fences of language `sh`, made runnable in a test. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writePictures } from './pictures.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Enough of them to tell an accuracy. */
const PICTURES = 500

/** The lines of all `sh` fences of a document, comments at their ends left out. */
export function commandsOf(document: string): string[] {
  const text = readFileSync(join(repository, document), 'utf8')
  return [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => line.replace(/\s+# .*$/, '').trim())
      .filter((line) => line !== '' && !line.startsWith('#')),
  )
}

/** A folder as a reader of the documents has it: this repository's examples, and the files that the documents call theirs. */
export class ReadersFolder {
  readonly path: string
  /** What runs in the background. */
  private readonly servers: ChildProcess[] = []

  constructor(path: string) {
    this.path = path
    for (const name of ['examples', 'models', 'pictures', 'docs', 'scripts']) {
      symlinkSync(join(repository, name), join(path, name))
    }
    const fashion = join(repository, 'models', 'fashion')
    copyFileSync(join(fashion, 'pictures', 'ankle-boot.png'), join(path, 'picture.png'))
    copyFileSync(join(fashion, 'w025s2.onnx'), join(path, 'flowers.onnx'))
    copyFileSync(join(fashion, 'w012s2.onnx'), join(path, 'flowers-small.onnx'))
    copyFileSync(join(repository, 'examples/schedule/ladder.yaml'), join(path, 'ladder.yaml'))
    writeFileSync(
      join(path, 'flowers.txt'),
      Array.from({ length: 10 }, (_, index) => `flower ${index}\n`).join(''),
    )
    for (const name of ['test-pictures', 'validation-pictures']) {
      mkdirSync(join(path, name))
      writePictures(join(path, name), PICTURES)
    }
    mkdirSync(join(path, 'bin'))
    const main = join(repository, 'dist/src/cli/main.js')
    this.addCommand('tierwise', `exec '${process.execPath}' '${main}' "$@"`)
    // In a project that has the package, it runs the package's command.
    this.addCommand('npx', 'exec "$@"')
  }

  private addCommand(name: string, script: string): void {
    const file = join(this.path, 'bin', name)
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
  }

  /** Runs one line of a shell. @returns its exit status and what it said */
  run(
    line: string,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; output: string }> {
    const options = { cwd: this.path, env: this.environment(variables), timeout: 120_000 }
    return new Promise((resolve) => {
      execFile('bash', ['-c', line], options, (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
        resolve({ status, output: `${line}\n${stdout}${stderr}` })
      })
    })
  }

  /** Starts one line of a shell, and waits until it has said `awaited`. @returns what it has said so far */
  async start(
    line: string,
    awaited: string,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const options = { cwd: this.path, env: this.environment(variables) }
    const child = spawn('bash', ['-c', `exec ${line}`], options)
    this.servers.push(child)
    let output = `${line}\n`
    const said = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk) => {
          output += chunk
          if (output.includes(awaited)) resolve()
        })
      }
    })
    await Promise.race([said, once(child, 'exit')])
    return output
  }

  /** Ends what runs in the background. @param kept but for so many, the first that were started */
  async close(kept = 0): Promise<void> {
    const running = this.servers
      .splice(kept)
      .filter(({ exitCode, signalCode }) => (exitCode ?? signalCode) === null)
    await Promise.all(
      running.map(async (child) => {
        const exit = once(child, 'exit')
        child.kill('SIGTERM')
        await exit
      }),
    )
  }

  private environment(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    const own = {
      PATH: `${join(this.path, 'bin')}:${process.env['PATH']}`,
      XDG_STATE_HOME: join(this.path, 'state'),
    }
    return { ...process.env, ...own, ...variables }
  }
}
