/** What a setting is: a key of a schema, and beside it what `--help` says of it and which flag gives it. */
import { z } from 'zod'

/** What the schema of a setting's values does not say. */
interface Facts {
  /** As in `--help`: `--goal <percent>`. Absent: the environment or a file gives it. */
  readonly flag?: string
  /** It names a file: relative to the file that says so, or to the working directory. */
  readonly isFile?: true
}

interface Declared extends Facts {
  readonly about: string
}

/** One setting of a process. */
export interface Setting {
  readonly about?: string
  /** `--goal`, and how `--help` writes it: `--goal <percent>`. */
  readonly flag?: string
  readonly usage?: string
  readonly isFile?: true
  /** Keys from the top of the settings. */
  readonly path: readonly string[]
  /** The environment variable that gives it. */
  readonly variable: string
  readonly schema: z.ZodType
}

const declared = z.registry<Declared>()

/** Declares a setting, for a key of a schema. @param about what `--help` says; allowed and default values are added */
export function setting<S extends z.ZodType>(about: string, schema: S, facts: Facts = {}): S {
  const own = schema.clone()
  declared.add(own, { about, ...facts })
  return own
}

/** The settings that a schema describes, those within others included, in its order. */
export function settingsOf(schema: z.ZodObject, parents: readonly string[] = []): Setting[] {
  return Object.entries(schema.shape).flatMap(([key, value]) => {
    if (!(value instanceof z.ZodType)) return []
    const path = [...parents, key]
    const { flag: usage, ...facts } = declared.get(value) ?? {}
    const own = {
      ...{ path, variable: variableOf(path), schema: value, ...facts },
      ...(usage !== undefined && { usage, flag: usage.replace(/ .*/, '') }),
    }
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
  if (schema instanceof z.ZodObject) return [schema]
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(objectsIn)
  return isWrapper(schema) ? objectsIn(schema.unwrap()) : []
}

function isWrapper(schema: z.core.$ZodType) {
  return (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional
  )
}

/** `lowest average accuracy (default 85)`: what `--help` says of a setting. */
export function describeSetting({ about = '', schema }: Setting): string {
  const allowed = choicesIn(schema)
  const { data: usual } = schema.safeParse(undefined)
  const isTold = ['number', 'string', 'boolean'].includes(typeof usual) || Array.isArray(usual)
  const facts = [
    ...(allowed.length > 0 ? [allowed.join(', ')] : []),
    ...(isTold ? [`default ${usual}`] : []),
  ]
  return facts.length === 0 ? about : `${about} (${facts.join('; ')})`
}

function choicesIn(schema: z.core.$ZodType): readonly unknown[] {
  if (schema instanceof z.ZodEnum) return schema.options
  return isWrapper(schema) ? choicesIn(schema.unwrap()) : []
}
