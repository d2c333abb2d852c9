/** Who may import whom: the one table of the architecture. `architecture.test.ts` holds the code against it. */

export interface Room {
  /** What it may import beside itself, the rooms within it, and the nouns. */
  readonly may: readonly string[]
  /** Whether it may use Node's own modules. */
  readonly node: boolean
  /** Whether it may use ONNX Runtime. */
  readonly onnxRuntime?: true
}

const EVERYTHING = ['*']

/**
 * By path below the repository, without extension for single files. Of several that match, the longest counts. Tests, fixtures and
 * conformance suites may import anything.
 */
export const ROOMS: Readonly<Record<string, Room>> = {
  'src/errors': { may: [], node: false },
  'src/clock': { may: [], node: false },
  'src/random': { may: [], node: false },
  'src/unfinite': { may: [], node: false },
  'src/client-tls': { may: [], node: true },
  'src/files': { may: [], node: true },
  'src/silent-logger': { may: [], node: true },
  // OpenTelemetry's API, which does nothing by itself.
  'src/tracing': { may: [], node: false },
  'src/yaml': { may: [], node: true },
  'src/package-files': { may: [], node: true },
  'src/fleet': { may: [], node: false },
  'src/protocol': { may: ['src/fleet', 'src/package-files'], node: true },
  // For applications: it runs in browsers too.
  'src/client': { may: [], node: false },
  // It shares no code with the server that it judges.
  'src/conformance': { may: ['src/client-tls', 'src/package-files'], node: true },
  // Files that survive; what is in them is their owners'.
  'src/storage': { may: [], node: true },
  'src/control': { may: ['src/fleet'], node: true },
  // Who is who, and who may what: the others ask it, it knows none of them.
  'src/access': { may: ['src/control', 'src/fleet', 'src/yaml'], node: true },
  // The one table, for the page too.
  'src/access/rights': { may: ['src/control', 'src/fleet'], node: false },
  'src/onnx': { may: ['src/fleet'], node: false },
  // Figure 2 knows nothing of Figure 1.
  'src/learning': { may: ['src/fleet'], node: false },
  // Training graphs are written here; only ONNX Runtime needs more.
  'src/learning/nn': { may: ['src/fleet', 'src/learning', 'src/onnx'], node: false },
  'src/learning/nn/onnx': {
    may: ['src/fleet', 'src/learning', 'src/onnx'],
    node: true,
    onnxRuntime: true,
  },
  // Own agents are files.
  'src/learning/agents/own-agent-files': { may: ['src/fleet', 'src/learning'], node: true },
  // An environment is what agents know; it knows none of them.
  'src/learning/environment': { may: ['src/fleet'], node: false },
  'src/learning/planner': { may: ['src/fleet', 'src/learning/environment'], node: false },
  'src/scheduling': { may: ['src/fleet'], node: false },
  'src/scheduling/learned': {
    may: ['src/fleet', 'src/scheduling', 'src/simulation', 'src/learning/nn', 'src/onnx'],
    node: false,
  },
  // The simulator stands behind learning/environment and knows neither an agent nor a real node.
  'src/simulation': {
    may: ['src/fleet', 'src/learning/environment', 'src/learning/planner', 'src/scheduling'],
    node: false,
  },
  // An agent trained in a simulated fleet, and what came of it.
  'src/trial': { may: ['src/fleet', 'src/learning', 'src/simulation'], node: false },
  // What all agents promise: values are compared as Node compares them.
  'src/trial/conformance': { may: ['src/fleet', 'src/learning'], node: true },
  'src/serving': {
    may: [
      'src/protocol',
      'src/fleet',
      'src/scheduling',
      'src/onnx',
      'src/storage',
      'src/yaml',
      'src/package-files',
    ],
    node: true,
  },
  // It runs what it is given: it knows neither the queue nor the catalogue.
  'src/serving/backends': {
    may: ['src/protocol', 'src/fleet', 'src/onnx', 'src/package-files'],
    node: true,
    onnxRuntime: true,
  },
  'src/monitoring': { may: ['src/control', 'src/fleet', 'src/protocol'], node: true },
  // It decides; it knows no node and no server.
  'src/orchestration': {
    may: [
      'src/learning',
      'src/control',
      'src/monitoring',
      'src/fleet',
      'src/storage',
      'src/package-files',
    ],
    node: true,
  },
  // A node serves and measures; it never decides where requests run.
  'src/node': {
    may: [
      'src/access',
      'src/protocol',
      'src/serving',
      'src/scheduling',
      'src/monitoring',
      'src/control',
      'src/fleet',
      'src/storage',
      'src/package-files',
    ],
    node: true,
  },
  // What people are shown of a fleet: it listens, and knows neither a node nor the orchestrator.
  'src/views': { may: ['src/control', 'src/protocol', 'src/fleet'], node: true },
  // The answers of its routes, for the page too.
  'src/views/schemas': { may: ['src/fleet'], node: false },
  // Charts and pages of results.
  'src/report': { may: ['src/scheduling', 'src/simulation'], node: true },
  paper: { may: ['src'], node: true },
  'src/index': { may: EVERYTHING, node: true },
  'src/cli': { may: ['src'], node: true },
  'src/cli/reproduce': { may: ['src', 'paper'], node: true },
}

/** Rooms that everybody may import. */
const NOUNS = [
  'src/errors',
  'src/clock',
  'src/random',
  'src/client-tls',
  'src/files',
  'src/silent-logger',
  'src/tracing',
  'src/unfinite',
]

/** Nobody but itself may import it, whoever may import `src`. */
const CLOSED = ['src/cli']

export interface Source {
  /** Path below the repository. */
  readonly file: string
  readonly text: string
}

/** What the table forbids of a file's imports, one line each. */
export function violations({ file, text }: Source): string[] {
  const room = roomOf(file)
  if (room === undefined) return []
  return importsOf(text).flatMap((target) => {
    const reason = forbidden(room, file, target)
    return reason === undefined ? [] : [`${file} imports ${target}: ${reason}`]
  })
}

function forbidden(name: string, file: string, target: string): string | undefined {
  const room = ROOMS[name]
  if (room === undefined) return undefined
  if (target.startsWith('onnxruntime-')) {
    return room.onnxRuntime
      ? undefined
      : 'only serving/backends and learning/nn/onnx know ONNX Runtime'
  }
  if (target.startsWith('node:')) return room.node ? undefined : `${name} runs anywhere: no Node`
  if (!target.startsWith('.')) return undefined
  const path = new URL(target, `file:///${file}`).pathname.slice(1)
  if (isIn(path, name)) return undefined
  if (NOUNS.some((noun) => isIn(path, noun))) return undefined
  if (CLOSED.some((closed) => isIn(path, closed) && !isIn(file, closed)))
    return 'nothing imports it'
  const isAllowed = room.may.some((other) => other === '*' || isIn(path, other))
  return isAllowed
    ? undefined
    : `${name} may import ${room.may.join(', ') || 'nothing but the nouns'}`
}

/** The longest path of the table that the file is in. */
function roomOf(file: string): string | undefined {
  const names = Object.keys(ROOMS).filter((name) => isIn(file, name))
  return names.toSorted((one, other) => other.length - one.length)[0]
}

/** `src/learning/nn/onnx` holds `src/learning/nn/onnx-engine.ts`, too. */
function isIn(file: string, name: string): boolean {
  return file === name || (/^[./-]/.test(file.slice(name.length)) && file.startsWith(name))
}

function importsOf(text: string): string[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/g
  return [...text.matchAll(pattern)].flatMap(([, from, dynamic]) => from ?? dynamic ?? [])
}
