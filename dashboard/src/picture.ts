/** One picture through the node that served the page. */
import { z } from 'zod'

const PERCENT_DIGITS = 1

/** The part of an answer that tells of a picture. */
const answered = z.object({
  parameters: z.object({
    label: z.string().optional(),
    class: z.int(),
    probability: z.number().optional(),
  }),
})
const refused = z.object({ error: z.string() })

/**
 * What a picture shows and how it was served: `Sneaker 98.2 %, cloud/d0, 12 ms`.
 * @param headers that show who asks
 * @throws Error with the reason that the node gave
 */
export async function askAbout(
  picture: Blob,
  variant: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const path = `v2/models/${encodeURIComponent(variant)}/infer`
  const response = await fetch(path, { method: 'POST', body: picture, headers })
  const body: unknown = await response.json()
  const { ok } = response
  if (!ok) throw new Error(refused.safeParse(body).data?.error ?? 'The node refused it')
  const { parameters } = answered.parse(body)
  const label = parameters.label ?? `class ${parameters.class}`
  const { probability } = parameters
  const percent =
    probability === undefined ? '' : ` ${(100 * probability).toFixed(PERCENT_DIGITS)} %`
  const tookMs = Number(response.headers.get('x-tierwise-response-ms')).toFixed(0)
  return `${label}${percent}, ${response.headers.get('x-tierwise-decision')}, ${tookMs} ms`
}
