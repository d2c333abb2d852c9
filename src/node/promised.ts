import type { DeviceDecision } from '../control/messages.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'

/** What a decision that escalates promises, by the catalogue; undefined where that has not measured it. */
export function promisedPercent(
  { cascades }: Pick<Catalogue, 'cascades'>,
  { placement, escalation }: Pick<DeviceDecision, 'placement' | 'escalation'>,
): number | undefined {
  return cascades
    .filter(({ small, large }) => small === placement.variant && large === escalation?.to.variant)
    .flatMap(({ points }) => points)
    .find(({ margin }) => margin === escalation?.margin)?.accuracyPercent
}
