/** For tests. */
import type { Availability, Problem } from './environment.ts'

/** All devices may take the same choices. @param open shape [choices] */
export function openToAll(
  { devices }: Pick<Problem, 'devices'>,
  open: readonly boolean[],
): Availability {
  return Array.from({ length: devices }, () => open)
}
