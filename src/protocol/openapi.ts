/** The OpenAPI 3.1 document of the REST surface, written from the schemas that check and describe its messages. */
import { z } from 'zod'
import { packageVersion } from '../package-files.ts'
import { errorAnswer } from './answer-schemas.ts'
import type { Operation } from './operations.ts'

const JSON_TYPE = 'application/json'
const BINARY_TYPE = 'application/octet-stream'
const PICTURE_TYPES = ['image/jpeg', 'image/png', 'image/webp']
const FRAMING =
  'JSON, and after it the binary tensors; Inference-Header-Content-Length is the length of the JSON.'

const FAILED = {
  description: 'The request is refused or failed; the error says why.',
  content: contentOf('Error'),
}

/** A route beside the protocol's. */
export interface OtherRoute {
  readonly method: string
  /** As the server has it: `/v2/models/:model`. */
  readonly path: string
  readonly about: string
}

/** Options of a route of Fastify, to be described in the document. @param text what it is for */
export function about(text: string): { readonly config: object } {
  return { config: { about: text } }
}

/** What the options of a route say so; undefined where they say nothing. */
export function aboutOf(config: object = {}): string | undefined {
  return 'about' in config ? String(config.about) : undefined
}

/** @param operations of one server. @param others what else it answers */
export function openApiDocument(
  operations: readonly Operation[],
  others: readonly OtherRoute[],
): object {
  const schemas: Record<string, object> = { Error: schemaOf(errorAnswer) }
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) {
    for (const [index, path] of operation.paths.entries()) {
      const url = templateOf(path)
      const id = index === 0 ? operation.name : `${operation.name}${index + 1}`
      paths[url] = { [operation.method.toLowerCase()]: described(operation, path, id) }
    }
    const title = `${operation.name.slice(0, 1).toUpperCase()}${operation.name.slice(1)}`
    if (operation.takes) schemas[`${title}Request`] = schemaOf(operation.takes)
    if (operation.gives) schemas[`${title}Answer`] = schemaOf(operation.gives)
  }
  for (const { method, path, about: summary } of others) {
    const verb = method.toLowerCase()
    const url = templateOf(path)
    const operationId = `${verb}${path.replace(/\W+(\w)/g, (_, first) => first.toUpperCase())}`
    const parameters = parametersOf(path)
    const responses = { 200: { description: summary }, default: FAILED }
    paths[url] = { ...paths[url], [verb]: { operationId, summary, ...parameters, responses } }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tierwise',
      version: packageVersion(),
      description: 'Open Inference Protocol v2 over REST, with extensions.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    // Needed where the fleet has an authority.
    security: [{}, { token: [] }],
    paths,
    components: { schemas, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  }
}

function described(operation: Operation, path: string, operationId: string): object {
  const { name, about, gives, isProbe, takes, isBinary = false } = operation
  const title = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`
  const given = gives && contentOf(`${title}Answer`, isBinary ? [BINARY_TYPE] : [])
  const taken =
    takes && contentOf(`${title}Request`, isBinary ? [BINARY_TYPE, ...PICTURE_TYPES] : [])
  return {
    operationId,
    summary: about,
    ...parametersOf(path),
    ...(taken && { requestBody: { required: isBinary, content: taken } }),
    responses: {
      ...(given && { 200: { description: isBinary ? FRAMING : about, content: given } }),
      ...(isProbe && given && { 503: { description: 'Not so.', content: given } }),
      default: FAILED,
    },
  }
}

function templateOf(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}')
}

function parametersOf(path: string): object {
  const parameters = [...path.matchAll(/:(\w+)/g)].map(([, name]) => {
    return { name, in: 'path', required: true, schema: { type: 'string' } }
  })
  return parameters.length > 0 ? { parameters } : {}
}

function contentOf(name: string, binaryTypes: readonly string[] = []): object {
  const binary = binaryTypes.map((type) => [type, {}] as const)
  const schema = { $ref: `#/components/schemas/${name}` }
  return { [JSON_TYPE]: { schema }, ...Object.fromEntries(binary) }
}

/** Fields that are not named are let through. */
function schemaOf(schema: z.ZodType): object {
  const { $schema: _, ...written } = z.toJSONSchema(schema, {
    io: 'output',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
    },
  })
  return written
}
