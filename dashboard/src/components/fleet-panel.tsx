import { overview } from '../store.ts'
import { DeviceTable } from './device-table.tsx'
import { Topology } from './topology.tsx'

/** More devices than this are a table. */
const MOST_DRAWN = 12

/** All devices: drawn with their links where they are few, else a table. */
export function FleetPanel() {
  const { devices = [], nodes = [] } = overview.value ?? {}
  return (
    <section class="panel fleet" aria-labelledby="fleet-title">
      <div class="head">
        <h2 id="fleet-title">
          Fleet <small>decisions in force, and requests of the last minute</small>
        </h2>
        <ul class="key" aria-label="Colours and lines">
          <li class="tier-end">On the device</li>
          <li class="tier-edge">Edge</li>
          <li class="tier-cloud">Cloud</li>
          {devices.length <= MOST_DRAWN && <li class="wide">Wider: more requests</li>}
        </ul>
      </div>
      {devices.length > MOST_DRAWN ? (
        <DeviceTable devices={devices} nodes={nodes} />
      ) : (
        <Topology devices={devices} nodes={nodes} />
      )}
    </section>
  )
}
