/** What a setting is: a key of a schema, and beside it what `--help` says of it and which flag gives it. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { isOwnAgent } from '../../learning/agents/names.ts'
import { agentName, catalogueName, FASHION, file, PAPER } from './kinds.ts'

/** What the schema of a setting's values does not say. */
interface Declared {
  readonly about: string
  /** As `--help` writes it: `--goal <percent>`. Absent: only the environment or a file gives it. */
  readonly usage?: string | undefined
}

/** One setting of a process. */
export interface Setting extends Partial<Declared> {
  /** Keys from the top of the settings. */
  readonly path: readonly string[]
  /** The environment variable that gives it: `TIERWISE_GOAL`. */
  readonly variable: string
  /** `--goal` */
  readonly flag: string | undefined
  readonly schema: z.ZodType
}

const declared = z.registry<Declared>()

/**
 * Declares a setting, for a key of a schema.
 * @param about what `--help` says of it; allowed and default values are added
 * @param usage of its flag: `--goal <percent>`
 */
export function setting<S extends z.ZodType>(about: string, schema: S, usage?: string): S {
  const own = schema.clone()
  declared.add(own, { about, usage })
  return own
}

/** The settings that a schema describes, those within others included, in its order. */
export function settingsOf(schema: z.ZodObject, parents: readonly string[] = []): Setting[] {
  return Object.entries(schema.shape).flatMap(([key, value]) => {
    if (!(value instanceof z.ZodType)) return []
    const path = [...parents, key]
    const facts = declared.get(value)
    const flag = facts?.usage?.replace(/ .*/, '')
    const own = { path, variable: variableOf(path), flag, schema: value, ...facts }
    return [own, ...objectsIn(value).flatMap((object) => settingsOf(object, path))]
  })
}

/** `['workers', 'end']` → `TIERWISE_WORKERS__END`, `['queueLimit']` → `TIERWISE_QUEUE_LIMIT`. */
function variableOf(path: readonly string[]): string {
  const words = path.map((key) => key.replace(/[A-Z]/g, '_$&').toUpperCase())
  return `TIERWISE_${words.join('__')}`
}

/** The mappings that a value may be. */
function objectsIn(schema: z.core.$ZodType): z.ZodObject[] {
  const kind = kindOf(schema)
  if (kind instanceof z.ZodObject) return [kind]
  return kind instanceof z.ZodUnion ? kind.options.flatMap(objectsIn) : []
}

/** What of a kind names a file; the rest are names of Tierwise's own. */
const NAMES_FILE = new Map<z.core.$ZodType, (text: string) => boolean>([
  [file, () => true],
  [catalogueName, (text) => text !== FASHION && text !== PAPER],
  [agentName, isOwnAgent],
])

/** A file's name, relative to a folder, as an absolute path; every other value, and the names of Tierwise's own, as they are. */
export function resolvedText({ schema }: Setting, text: string, folder: string): string {
  const isFile = NAMES_FILE.get(kindOf(schema))?.(text)
  return isFile && text !== '' ? resolve(folder, text) : text
}

/** Whether a setting may name a file: its text is taken as it is. */
export function isFile({ schema }: Setting): boolean {
  return NAMES_FILE.has(kindOf(schema))
}

/** The schema without what makes it optional. */
function kindOf(schema: z.core.$ZodType): z.core.$ZodType {
  const isWrapper =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodExactOptional
  return isWrapper ? kindOf(schema.unwrap()) : schema
}

/** `lowest average accuracy (default 85)`: what `--help` says of a setting. */
export function describeSetting({ about = '', schema }: Setting): string {
  const kind = kindOf(schema)
  const { data: usual } = schema.safeParse(undefined)
  const isTold =
    ['number', 'string', 'boolean'].includes(typeof usual) ||
    (Array.isArray(usual) && usual.length > 0)
  const facts = [
    ...(kind instanceof z.ZodEnum ? [kind.options.join(', ')] : []),
    ...(isTold ? [`default ${usual}`] : []),
  ]
  return facts.length === 0 ? about : `${about} (${facts.join('; ')})`
}
