/** How an agent is called where people read it. */

/** `fixed:` with a choice for each device, or with decisions in turn, would fill the page. */
export function agentName(spec: string): string {
  if (!spec.startsWith('fixed:')) return spec
  const decisions = spec.slice('fixed:'.length).split(';')
  if (decisions.length > 1) return `fixed: ${decisions.length} decisions in turn`
  return spec.includes(',') ? 'fixed: one choice for each device' : spec
}
