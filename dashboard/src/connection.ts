import mqtt, { type MqttClient } from 'mqtt'
import { connection, createReceiver } from './store.ts'
import { encodeGoal, GOAL_TOPIC, SUBSCRIPTIONS } from './topics.ts'

const RECONNECT_INTERVAL_MS = 1000

let client: MqttClient | undefined

/** The control plane of the node that served this page. */
export function brokerUrl({ protocol, host }: Pick<Location, 'protocol' | 'host'>): string {
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/mqtt`
}

/** Connects, subscribes, and keeps doing so whenever the connection is lost. */
export function openConnection(): void {
  client = mqtt.connect(brokerUrl(location), {
    reconnectPeriod: RECONNECT_INTERVAL_MS,
    resubscribe: false,
  })
  client.on('connect', () => {
    connection.value = 'connected'
    client?.subscribe(SUBSCRIPTIONS, { qos: 0 })
  })
  client.on('close', () => {
    connection.value = 'disconnected'
  })
  // A failed attempt is followed by `close` and the next attempt: nothing to add.
  client.on('error', () => {})
  client.on('message', createReceiver(requestAnimationFrame))
}

/**
 * Publishes the goal, retained, for every orchestrator of the fleet.
 * @param revert see `encodeGoal`
 * @throws when the broker did not take it
 */
export async function publishGoal(accuracyPercent: number, revert?: boolean): Promise<void> {
  const goal = encodeGoal(accuracyPercent, revert)
  await client?.publishAsync(GOAL_TOPIC, goal, { qos: 1, retain: true })
}
