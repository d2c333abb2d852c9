/** The credential file: whose it is, and how long it holds. */

import { readCredentials } from '../../access/credentials.ts'
import { isLoopback } from '../../access/exposure.ts'
import { messageOf } from '../../errors.ts'
import type { Examined, Finding } from './finding.ts'

const DAY_MS = 86_400_000
/** Time enough to hand out new ones. */
const SOON_DAYS = 14

export async function credentialFindings({
  credentials: file,
  host,
  insecure,
}: Pick<Examined, 'credentials' | 'host' | 'insecure'>): Promise<Finding[]> {
  if (file === undefined) return [withoutAny(host, insecure)]
  const nowMs = Date.now()
  try {
    const { name, until } = await readCredentials(file, nowMs)
    const days = Math.floor((Date.parse(until) - nowMs) / DAY_MS)
    const finding = `of ${name}, for ${days} days more`
    if (days >= SOON_DAYS) return [{ about: 'credentials', state: 'well', finding }]
    const remedy = `tierwise access rotate ${name}`
    return [{ about: 'credentials', state: 'doubtful', finding, remedy }]
  } catch (error) {
    const remedy = 'tierwise access add NAME --tier TIER'
    return [{ about: 'credentials', state: 'wrong', finding: messageOf(error), remedy }]
  }
}

function withoutAny(host: string, insecure: boolean): Finding {
  if (isLoopback(host)) {
    return { about: 'credentials', state: 'well', finding: `none, and none needed on ${host}` }
  }
  const finding = `none, and ${host} lets other machines in`
  const remedy = 'tierwise access init fleet, then tierwise access add NAME --tier TIER'
  return { about: 'credentials', state: insecure ? 'doubtful' : 'wrong', finding, remedy }
}
