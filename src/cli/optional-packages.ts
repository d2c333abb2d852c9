/** Packages that only some commands need, and that are not installed with the others. */
const OPTIONAL = ['@observablehq/plot', 'linkedom']

/** What to do where an optional package is missing; undefined for any other error. */
export function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  if (error.code !== 'ERR_MODULE_NOT_FOUND') return undefined
  const missing = OPTIONAL.find((name) => error.message.includes(`'${name}'`))
  if (missing === undefined) return undefined
  return `${missing} is missing, which only reports and plots need: npm install ${OPTIONAL.join(' ')}`
}
