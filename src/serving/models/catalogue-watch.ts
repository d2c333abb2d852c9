/** Watches a catalogue and its model files, so that models can be replaced while a node serves. */
import { type Stats, unwatchFile, watchFile } from 'node:fs'
import { stat } from 'node:fs/promises'
import { messageOf } from '../../errors.ts'
import { heldPart, loadCatalogue } from './catalogue.ts'
import type { Catalogue } from './catalogue-schema.ts'

/** Changes are looked for this often; a copy takes a while, so nothing is read before it has been still for as long. */
const WATCH_MS = 1000

/** Which catalogue, and who is told. */
export interface CatalogueWatchOptions {
  readonly file: string
  /** The part that is served. */
  readonly catalogue: Catalogue
  /** Given the same variants of other files, checked. What it throws is told to `onProblem`. */
  readonly replace: (catalogue: Catalogue) => Promise<void>
  readonly onReplaced: () => void
  /** Told why what serves stays. */
  readonly onProblem: (reason: string) => void
}

/** One replacement at a time; what changes meanwhile is looked at after it. */
export class CatalogueWatch {
  private readonly options: CatalogueWatchOptions
  private readonly watched = new Set<string>()
  /** What is served: each file and its state. */
  private served: Promise<string>
  private timer: NodeJS.Timeout | undefined
  private reading: Promise<void> = Promise.resolve()
  private closed = false
  private readonly changed = (now: Stats, before: Stats) => {
    // Reading a file changes its access time alone.
    if (now.mtimeMs === before.mtimeMs && now.ino === before.ino) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.reading = this.reading.then(() => this.read())
    }, WATCH_MS).unref()
  }

  constructor(options: CatalogueWatchOptions) {
    this.options = options
    this.served = stateOf(options.catalogue)
    this.watch([options.file, ...filesOf(options.catalogue)])
  }

  /** A replacement under way is finished first. */
  async close(): Promise<void> {
    this.closed = true
    clearTimeout(this.timer)
    for (const file of this.watched) unwatchFile(file, this.changed)
    await this.reading
  }

  private watch(files: readonly string[]): void {
    for (const file of files.filter((one) => !this.watched.has(one))) {
      this.watched.add(file)
      watchFile(file, { interval: WATCH_MS, persistent: false }, this.changed)
    }
  }

  private async read(): Promise<void> {
    if (this.closed) return
    const { file, catalogue, replace, onReplaced, onProblem } = this.options
    try {
      const found = await loadCatalogue(file)
      this.watch(filesOf(found))
      const held = heldPart(
        found,
        catalogue.variants.map(({ name }) => name),
      )
      const state = stateOf(held)
      if ((await state) === (await this.served)) return
      await replace(held)
      this.served = state
      onReplaced()
    } catch (error) {
      onProblem(messageOf(error))
    }
  }
}

function filesOf({ variants }: Catalogue): string[] {
  return variants.flatMap(({ file }) => (typeof file === 'string' ? [file] : []))
}

async function stateOf(catalogue: Catalogue): Promise<string> {
  const states = filesOf(catalogue).map(async (file) => {
    const { mtimeMs, ino, size } = await stat(file)
    return `${file} ${mtimeMs} ${ino} ${size}`
  })
  return (await Promise.all(states)).join('\n')
}
