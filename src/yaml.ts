/** Reads configuration: YAML checked against a zod schema, with errors that name the file, the line and the key. */
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'
import { z } from 'zod'
import { ConfigError, messageOf, TierwiseError, withoutCredentials } from './errors.ts'
import { readTextFile } from './files.ts'

/** Keys and indices from the top of a value. */
export type Path = readonly PropertyKey[]
type Issue = z.core.$ZodIssue

/** What a text says, and where it says it. */
export interface Written {
  /** Plain objects, arrays and scalars; an empty text is an empty mapping. */
  readonly value: unknown
  /** `file:line` of what is written at a path, or of the nearest parent that is. */
  place(path: Path): string
}

/**
 * Reads a YAML file. Write the schema with `z.strictObject`, so that an unknown key is an error.
 * @throws ConfigError naming file, line, key path, what was found and what is allowed; or the file that cannot be read
 */
export async function readYaml<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  return parseYaml(await readText(file), schema, file)
}

/**
 * Like `readYaml`, for text already read.
 * @param fileName how errors call the text
 * @throws ConfigError with one line for each problem
 */
export function parseYaml<T>(text: string, schema: z.ZodType<T>, fileName: string): T {
  const { value, place } = written(text, fileName)
  return check(value, schema, place)
}

/** @throws ConfigError for what is not YAML, is without end, or has a key that nothing can have */
export function written(text: string, fileName: string): Written {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const at = (offset: number) => `${fileName}:${lineCounter.linePos(offset).line}`
  const fault = document.errors[0] ?? document.warnings[0]
  if (fault) {
    const isDeep = fault.message === 'Maximum call stack size exceeded'
    const problem = isDeep ? 'it is nested too deeply' : fault.message
    throw new ConfigError(`${at(fault.pos[0])}: not valid YAML: ${problem}`)
  }
  const named = new Map<string, Node>()
  visit(document, {
    // Zod would leave it out without a word.
    Pair(_, { key }) {
      if (!isScalar(key) || key.value !== '__proto__') return
      throw new ConfigError(`${at(key.range?.[0] ?? 0)}: __proto__ is no name: choose another`)
    },
    Value(_, node) {
      if (node.anchor !== undefined) named.set(node.anchor, node)
    },
    Alias(_, alias, parents) {
      // As its `resolve` says, which looks through the whole document for each.
      const whole = named.get(alias.source)
      if (!parents.some((parent) => parent === whole)) return
      throw new ConfigError(
        `${at(alias.range?.[0] ?? 0)}: *${alias.source} stands within what it names: write it out`,
      )
    },
  })
  return {
    value: plainValue(document, fileName),
    place: (path) => at(offsetOf(document, path)),
  }
}

/**
 * A value that the schema describes, with its defaults.
 * @param place where what is at a path comes from, as errors tell it
 * @throws ConfigError with one line for each problem
 */
export function check<S extends z.ZodType>(
  value: unknown,
  schema: S,
  place: (path: Path) => string,
): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, value, schema))
  const lines = problems.map(({ path, problem }) => `${place(path)}: ${pathText(path)} ${problem}`)
  // A number without end is no whole one, and above the highest.
  throw new ConfigError([...new Set(lines)].join('\n'))
}

/** A value as others may see it: no user and password of a URL, nothing that is named a password, token or secret. */
export function masked(key: string, value: unknown): unknown {
  if (/password|token|secret/i.test(key)) return '***'
  return typeof value === 'string' ? withoutCredentials(value) : value
}

/** @throws ConfigError naming the file when it cannot be read */
export async function readText(file: string): Promise<string> {
  try {
    return await readTextFile(file)
  } catch (error) {
    throw new ConfigError(`cannot read ${file}: ${messageOf(error)}`, { cause: error })
  }
}

/** Uses what a file says. @throws ConfigError naming the file where that is refused */
export function using<T>(file: string, use: () => T): T {
  try {
    return use()
  } catch (error) {
    if (!(error instanceof TierwiseError)) throw error
    throw new ConfigError(`${file}: ${error.message}`, { cause: error })
  }
}

/** An empty file is an empty mapping. Aliases that expand without end make `toJS` throw. */
function plainValue(document: Document, fileName: string): unknown {
  try {
    return document.toJS() ?? {}
  } catch (error) {
    throw new ConfigError(`${fileName}: not usable YAML: ${messageOf(error)}`, { cause: error })
  }
}

interface Problem {
  readonly path: Path
  readonly problem: string
}

function problemsOf(issue: Issue, value: unknown, schema: z.ZodType): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const allowed = allowedKeys(schema, issue.path)
    const problem = `is not a known key${allowed.length > 0 ? `: allowed are ${allowed.join(', ')}` : ''}`
    return issue.keys.map((key) => ({ path: [...issue.path, key], problem }))
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((issues) => issues.every(({ path }) => path.length > 0))
    const within = meant?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
    if (within) return within.flatMap((inner) => problemsOf(inner, value, schema))
  }
  const found = valueAt(value, issue.path)
  const state =
    issue.code === 'invalid_key'
      ? 'is no key here'
      : found === undefined
        ? 'is missing'
        : `is ${shownAt(issue.path, found)}`
  return [{ path: issue.path, problem: `${state}: ${expectation(issue)}` }]
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `expected ${issue.values.map((value) => String(value)).join(' or ')}`
    case 'invalid_key':
      return issue.issues.map(expectation).join(', or ')
    case 'invalid_union': {
      const forms = issue.errors.flatMap((issues) => issues.slice(0, 1).map(expectation))
      return forms.length > 0 ? [...new Set(forms)].join(', or ') : issue.message
    }
    default:
      return issue.message.replace(/^(Invalid|Too) \w+: |, received .*$/g, '')
  }
}

/** The keys the schema knows at a path; empty where it describes no object. */
function allowedKeys(schema: z.ZodType, path: Path): string[] {
  const formsOf = (part: unknown): unknown[] => [valueAt(part, ['anyOf']) ?? part].flat()
  let forms = formsOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
  for (const key of path) {
    const at = typeof key === 'number' ? ['items'] : ['properties', key]
    forms = forms.flatMap((form) =>
      formsOf(valueAt(form, at) ?? valueAt(form, ['additionalProperties'])),
    )
  }
  return forms.flatMap((form) => Object.keys(valueAt(form, ['properties']) ?? {}))
}

/** Undefined where there is nothing. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (parent, key) =>
      typeof parent === 'object' && parent !== null ? Reflect.get(parent, key) : undefined,
    value,
  )
}

/** Where the value of a path is written: at its key, or at the nearest parent that exists. */
function offsetOf(document: Document, path: Path): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true)
    const key = path[depth - 1]
    if (isMap(parent)) {
      const pair = parent.items.find(
        ({ key: name }) => isScalar(name) && String(name.value) === key,
      )
      if (isNode(pair?.key)) return pair.key.range?.[0] ?? 0
    }
    const node = document.getIn(path.slice(0, depth), true)
    if (isNode(node)) return node.range?.[0] ?? 0
  }
  return document.contents?.range?.[0] ?? 0
}

/** `variants[2].precision` */
function pathText(path: Path): string {
  const text = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
  return text === '' ? 'the whole document' : text
}

/** At most 60 characters, without secrets. */
function shownAt(path: Path, value: unknown): string {
  // JSON has no NaN and no Infinity.
  if (typeof value === 'number') return String(value)
  const text = JSON.stringify(masked(String(path.at(-1)), value), masked) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
