/** The public names are complete: whatever type an exported declaration mentions is exported as well. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { packageFile } from '../src/package-files.ts'

/** A file of declarations, as the compiler writes them. */
interface Module {
  readonly file: string
  /** Name → text; private ones as well. */
  readonly declarations: ReadonlyMap<string, string>
  /** Local name → file and name there, of what comes from other files of the package. */
  readonly imports: ReadonlyMap<string, Origin>
  /** Exported name → where it is from. */
  readonly passedOn: ReadonlyMap<string, Origin>
  /** Files whose exports are all passed on. */
  readonly wholes: readonly string[]
}

interface Origin {
  readonly file: string
  readonly name: string
}

const modules = new Map<string, Module>()

function moduleOf(file: string): Module {
  const known = modules.get(file)
  if (known) return known
  const text = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\/\/.*$/gm, '')
  const from = (path: string) => resolve(dirname(file), path.replace(/\.[jt]s$/, '.d.ts'))
  const named = (kind: string) => {
    const pattern = new RegExp(
      `^${kind}\\s+(?:type\\s+)?\\{([^}]*)\\}\\s+from\\s+['"](\\.[^'"]+)['"]`,
      'gm',
    )
    return new Map(
      [...text.matchAll(pattern)].flatMap(([, names = '', path = '']) =>
        names.split(',').flatMap((each): [string, Origin][] => {
          const [name = '', as = name] = each
            .replace(/\btype\b/, '')
            .trim()
            .split(/\s+as\s+/)
          return name === '' ? [] : [[as, { file: from(path), name }]]
        }),
      ),
    )
  }
  const starts = [
    ...text.matchAll(
      /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|function|const|let) (\w+)/gm,
    ),
  ]
  const declarations = new Map<string, string>()
  for (const [index, { 1: name = '', index: start }] of starts.entries()) {
    declarations.set(name, text.slice(start, starts[index + 1]?.index))
  }
  const wholes = [...text.matchAll(/^export (?:type )?\* from ['"](\.[^'"]+)['"]/gm)]
  const module = {
    file,
    declarations,
    imports: named('import'),
    passedOn: named('export'),
    wholes: wholes.map(([, path = '']) => from(path)),
  }
  modules.set(file, module)
  return module
}

/** Where a name that a file uses is declared; undefined for what is not of the package. */
function originOf({ file, name }: Origin): Origin | undefined {
  const { declarations, imports, passedOn } = moduleOf(file)
  if (declarations.has(name)) return { file, name }
  const next = passedOn.get(name) ?? imports.get(name)
  return next && originOf(next)
}

const textOf = ({ file, name }: Origin) => moduleOf(file).declarations.get(name) ?? ''
const isExported = (origin: Origin) => textOf(origin).startsWith('export')
const keyOf = ({ file, name }: Origin) => `${file}#${name}`

/** Types of the package that a declaration mentions; those of private ones in its file are its own. */
function mentionsOf(origin: Origin, seen = new Set<string>()): Origin[] {
  if (seen.has(keyOf(origin))) return []
  seen.add(keyOf(origin))
  // Constants stand after `typeof`, where their type is spelled out.
  const words = textOf(origin).matchAll(/(?<![.\w])(?<!typeof )[A-Z]\w*[a-z]\w*/g)
  return [...new Set([...words].map(([word]) => word))].flatMap((name) => {
    const mentioned = originOf({ file: origin.file, name })
    if (mentioned === undefined || keyOf(mentioned) === keyOf(origin)) return []
    return isExported(mentioned) ? [mentioned] : mentionsOf(mentioned, seen)
  })
}

test('every type that an exported declaration mentions is exported', () => {
  const index = moduleOf(packageFile('dist/src/index.d.ts'))
  const exported = [
    ...[...index.passedOn.values()].flatMap((origin) => originOf(origin) ?? []),
    ...index.wholes.flatMap((file) =>
      [...moduleOf(file).declarations.keys()].map((name) => ({ file, name })).filter(isExported),
    ),
  ]
  expect(exported.length).toBeGreaterThan(100)
  const keys = new Set(exported.map(keyOf))
  const missing = exported.flatMap((origin) =>
    mentionsOf(origin)
      .filter((mentioned) => !keys.has(keyOf(mentioned)))
      .map(({ file, name }) => `${name} (${file}), which ${origin.name} mentions`),
  )
  expect([...new Set(missing)]).toEqual([])
})

test('the walk sees what is missing', () => {
  const file = packageFile('dist/src/index.d.ts')
  const agent = originOf({ file, name: 'Agent' })
  const names = agent ? mentionsOf(agent).map(({ name }) => name) : []
  expect(names).toEqual(
    expect.arrayContaining(['LearningProgress', 'State', 'Decision', 'Problem', 'Explanation']),
  )
})
