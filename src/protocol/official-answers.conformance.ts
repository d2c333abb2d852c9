/**
 * Holds answers against what the protocol's own OpenAPI document asks of them (github.com/kserve/open-inference-protocol,
 * specification/protocol/open_inference_rest.yaml, Apache-2.0), restated here: it shares nothing with the schemas of this project.
 */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'

interface Answered {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly json: unknown
  /** Whether tensors follow the JSON, by the extension for binary data: they have no `data` then. */
  readonly isBinary: boolean
}

const text = { type: 'string' }
const anything = { type: 'object' }
const list = (items: object) => ({ type: 'array', items })
const record = (required: object, optional: object = {}) => ({
  ...{ type: 'object', properties: { ...required, ...optional } },
  required: Object.keys(required),
})

const head = { name: text, datatype: text, shape: list({ type: 'integer' }) }
const element = { type: ['number', 'string', 'boolean'] }
/** Nested as deep as it likes. */
const data = list({ anyOf: [{ $ref: '#/$defs/data' }, element] })
const inference = (output: object) => ({
  ...record(
    { model_name: text, outputs: list(output) },
    { model_version: text, id: text, parameters: anything },
  ),
  $defs: { data },
})

const ajv = new Ajv2020({ allowUnionTypes: true })
const ERROR = ajv.compile(record({ error: text }))
const INFERENCE = ajv.compile(inference(record({ ...head, data }, { parameters: anything })))
const BINARY_INFERENCE = ajv.compile(inference(record(head, { data, parameters: anything })))
const SERVER = ajv.compile(record({ name: text, version: text, extensions: list(text) }))
const MODEL = ajv.compile(
  record(
    { name: text, platform: text },
    { versions: list(text), inputs: list(record(head)), outputs: list(record(head)) },
  ),
)

const PROBE_PATH = /\/(live|ready)$/
/** Statistics of all models stand where a model of that name would. */
const MODEL_PATH = /^\/v2\/models\/(?!stats$)[^/]+(\/versions\/[^/]+)?$/

function schemaOf({ method, path, status, isBinary }: Omit<Answered, 'json'>) {
  if (PROBE_PATH.test(path)) return undefined
  if (status >= 400) return ERROR
  if (method === 'POST' && path.endsWith('/infer')) return isBinary ? BINARY_INFERENCE : INFERENCE
  if (method === 'GET' && /^\/v2\/?$/.test(path)) return SERVER
  return method === 'GET' && MODEL_PATH.test(path) ? MODEL : undefined
}

/** What the document does not describe passes: health, and extensions. */
export function checkOfficially({ json, ...answered }: Answered): void {
  const [path = ''] = answered.path.split('?')
  const validate = schemaOf({ ...answered, path })
  const errors = validate === undefined || validate(json) ? [] : validate.errors
  expect({ ...answered, errors }).toMatchObject({ errors: [] })
}
