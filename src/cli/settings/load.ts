/** The one settings object of a process: its flags go before the environment, which goes before its file. */
import { dirname, resolve } from 'node:path'
import { Document, isScalar } from 'yaml'
import { z } from 'zod'
import { check, masked, type Path, readText, valueAt, type Written, written } from '../../yaml.ts'
import { parsedText } from './kinds.ts'
import { isFile, resolvedText, type Setting, settingsOf } from './setting.ts'

/** Where settings may come from. */
export interface Given {
  /** Texts by flag: `--goal`. */
  readonly flags: ReadonlyMap<string, string>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** A YAML file. */
  readonly file?: string | undefined
  /** What follows from the others, where they do not say it themselves: by setting, and where it is from. */
  readonly implied?: Implied | undefined
}

/** Values by name of the setting, from what is given; and what they are from. */
export type Implied = (
  tree: Readonly<Record<string, unknown>>,
) => Promise<{ readonly values: Readonly<Record<string, string>>; readonly origin: string }>

/** Settings in force. */
export interface Loaded<S extends z.ZodObject> {
  readonly settings: z.infer<S>
  /** As YAML, every value with where it is from; secrets are masked. */
  print(): string
}

/** @throws ConfigError naming flag, variable, or file and line, the key, its value, and what is allowed */
export async function loadSettings<S extends z.ZodObject>(
  schema: S,
  { flags, environment, file, implied }: Given,
): Promise<Loaded<S>> {
  const known = settingsOf(schema)
  const merged = new Merged(known, file === undefined ? undefined : await readSettings(file, known))
  for (const setting of known) merged.take(setting, environment[setting.variable], setting.variable)
  for (const setting of known) {
    if (setting.flag) merged.take(setting, flags.get(setting.flag), setting.flag)
  }
  if (implied) {
    const { values, origin } = await implied(merged.tree)
    for (const setting of known) merged.imply(setting, values[setting.path.join('.')], origin)
  }
  const settings = check(merged.tree, schema, (path) => merged.placeOf(path))
  return { settings, print: () => printed(settings, (path) => merged.sourceOf(path) ?? 'default') }
}

type Tree = Readonly<Record<string, unknown>>
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A file, its relative paths resolved against itself. */
async function readSettings(file: string, known: readonly Setting[]): Promise<Written> {
  const text = written(await readText(file), file)
  const folder = dirname(resolve(file))
  const tree = check(text.value, z.record(z.string(), z.unknown()), text.place)
  const value = known.filter(isFile).reduce<Tree>((resolved, setting) => {
    const name = valueAt(tree, setting.path)
    return typeof name === 'string'
      ? withValue(resolved, setting.path, resolvedText(setting, name, folder))
      : resolved
  }, tree)
  return { ...text, value }
}

/** Values from all sources, and which is from where. */
class Merged {
  tree: Tree
  private readonly known: readonly Setting[]
  private readonly written: Written | undefined
  /** Flag or variable, by path. */
  private readonly origins = new Map<string, string>()

  constructor(known: readonly Setting[], file: Written | undefined) {
    this.known = known
    this.written = file
    this.tree = isTree(file?.value) ? file.value : {}
  }

  /** A text takes the place of what the setting was so far. */
  take(setting: Setting, text: string | undefined, origin: string): void {
    if (text === undefined) return
    const { path, schema } = setting
    const value = isFile(setting) ? resolvedText(setting, text, '.') : parsedText(text, schema)
    this.tree = withValue(this.tree, path, value)
    const key = path.join('.')
    for (const other of this.origins.keys()) {
      if (other.startsWith(`${key}.`)) this.origins.delete(other)
    }
    this.origins.set(key, origin)
  }

  /** A text where nothing else is said. */
  imply(setting: Setting, text: string | undefined, origin: string): void {
    if (valueAt(this.tree, setting.path) === undefined) this.take(setting, text, origin)
  }

  /** Flag, variable, or file and line; undefined for a default. */
  sourceOf(path: Path): string | undefined {
    for (let depth = path.length; depth > 0; depth--) {
      const origin = this.origins.get(path.slice(0, depth).join('.'))
      if (origin !== undefined) return origin
    }
    return valueAt(this.written?.value, path) === undefined ? undefined : this.written?.place(path)
  }

  /** The source; of what is missing, what could give it. */
  placeOf(path: Path): string {
    const isAt = (setting: Setting) => setting.path.join('.') === path.join('.')
    const { flag, variable } = this.known.find(isAt) ?? {}
    return this.sourceOf(path) ?? flag ?? variable ?? this.written?.place(path) ?? 'settings'
  }
}

function withValue(tree: unknown, [key, ...path]: readonly string[], value: unknown): Tree {
  const siblings = isTree(tree) ? tree : {}
  if (key === undefined) return siblings
  const own = path.length === 0 ? value : withValue(siblings[key], path, value)
  return { ...siblings, [key]: own }
}

function printed(settings: unknown, sourceOf: (path: Path) => string): string {
  const document = new Document(JSON.parse(JSON.stringify(settings, masked)))
  for (const path of leavesOf(settings)) {
    const node = document.getIn(path, true)
    if (isScalar(node)) node.comment = ` ${sourceOf(path)}`
  }
  return document.toString({ lineWidth: 0 })
}

/** Paths of all values that hold no others. */
function leavesOf(value: unknown, path: Path = []): Path[] {
  const own = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (own.length === 0) return [path]
  return own.flatMap(([key, child]) => leavesOf(child, [...path, key]))
}
