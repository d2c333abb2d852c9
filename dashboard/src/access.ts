/** Who the page is used by: where the fleet has an authority, it asks for a token before it connects. */
import { signal } from '@preact/signals'
import { type Identity, mayRequest, ROLES } from '../../src/access/rights.ts'

/** What the node that served the page says. */
export interface PageAccess {
  /** Undefined while a token is missing or was refused. */
  readonly identity?: Identity | undefined
  /** The fleet has no authority: everybody may everything. */
  readonly open: boolean
  /** It is open to other machines, too. */
  readonly insecure: boolean
  /** Why the last token was refused. */
  readonly refusal?: string
}

const KEY = 'tierwise-token'

/** Undefined until the node has answered. */
export const access = signal<PageAccess | undefined>(undefined)

/** The token that was given; it lives as long as the tab. */
export function token(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined
}

/** Whether who uses the page may change what is in force; the node holds them to it. */
export function mayChange(now: PageAccess | undefined): boolean {
  if (now === undefined) return false
  return now.open || mayRequest(now.identity, 'POST', '/v2/tierwise/goal')
}

/** Whether who uses the page may ask a node what a picture shows. */
export function mayInfer(now: PageAccess | undefined): boolean {
  if (now === undefined) return false
  return now.open || mayRequest(now.identity, 'POST', '/v2/models/:model/infer')
}

/** For requests of the page, by a token where there is one. */
export function authorization(given = token()): Readonly<Record<string, string>> {
  return given === undefined ? {} : { authorization: `Bearer ${given}` }
}

/** Asks who this is, by a token where there is one. @returns whether the page may connect */
export async function identify(given = token()): Promise<boolean> {
  const answer = await fetch('/v2/tierwise/access', { headers: authorization(given) })
  const body: unknown = await answer.json()
  access.value = answer.ok
    ? accessIn(body)
    : { open: false, insecure: false, refusal: errorIn(body) }
  const { identity, open } = access.value
  if (identity !== undefined && given !== undefined) sessionStorage.setItem(KEY, given)
  if (identity === undefined) sessionStorage.removeItem(KEY)
  return open || identity !== undefined
}

/** What a node answers; read with care, for it may be of another version. */
export function accessIn(body: unknown): PageAccess {
  const { authority, insecure, name, role } = fields(body)
  const known = ROLES.find((one) => one === role)
  return {
    open: authority !== true,
    insecure: insecure === true,
    ...(typeof name === 'string' && known && { identity: { name, role: known } }),
  }
}

/** The token in what somebody pastes: the token itself, or the whole credential file. */
export function tokenIn(text: string): string {
  try {
    const { token: found } = fields(JSON.parse(text))
    return typeof found === 'string' ? found : ''
  } catch {
    return text.trim()
  }
}

function errorIn(body: unknown): string {
  const { error } = fields(body)
  return typeof error === 'string' ? error : 'refused'
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
