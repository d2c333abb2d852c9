/** Holds answers of a server against the OpenAPI document that it gives. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { request } from 'undici'
import { expect } from 'vitest'

interface Answered {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly json: unknown
}

// biome-ignore lint/suspicious/noExplicitAny: a document is judged, so nothing may be presumed of its form
type Document = any

/** Checks answers of one server. */
export class DocumentedAnswers {
  private readonly document: Document
  private readonly ajv = new Ajv2020({ strict: false })

  constructor(document: Document) {
    this.document = document
    this.ajv.addSchema(document, 'document')
  }

  static async of(url: string): Promise<DocumentedAnswers> {
    const { statusCode, body } = await request(`${url}/v2/openapi.json`)
    expect(statusCode).toBe(200)
    return new DocumentedAnswers(await body.json())
  }

  /** The schema of what an operation answers by this status. */
  check({ method, path, status, json }: Answered): void {
    const [bare = ''] = path.split('?')
    const template = this.templateOf(bare)
    const operation = this.document.paths[template]?.[method.toLowerCase()]
    const key = operation?.responses[status] && status < 400 ? status : 'default'
    // What no operation describes is refused by an error as well.
    const pointer = ['paths', template, method.toLowerCase(), 'responses', key]
    const schema = operation
      ? [...pointer, 'content', 'application/json', 'schema']
      : ['components', 'schemas', 'Error']
    const isProbe = status === 503 && operation?.responses[503] !== undefined
    const wanted = isProbe ? schema.map((part) => (part === 'default' ? 503 : part)) : schema
    const errorsOf = (at: readonly unknown[]) => {
      const path = at.map((part) =>
        encodeURIComponent(`${part}`.replaceAll('~', '~0').replaceAll('/', '~1')),
      )
      const validate = this.ajv.compile({ $ref: `document#/${path.join('/')}` })
      return validate(json) ? [] : validate.errors
    }
    expect({ method, path, status, errors: errorsOf(wanted) }).toMatchObject({ errors: [] })
  }

  private templateOf(path: string): string {
    const templates = Object.keys(this.document.paths).filter((template) =>
      new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
    )
    return (
      templates.toSorted((one, other) => one.split('{').length - other.split('{').length)[0] ?? path
    )
  }
}
