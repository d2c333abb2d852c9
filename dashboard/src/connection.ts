import mqtt, { type MqttClient } from 'mqtt'
import { brokerLogin, identify, token } from './access.ts'
import { connection, createReceiver } from './store.ts'
import { encodeGoal, GOAL_TOPIC, SUBSCRIPTIONS } from './topics.ts'

const RECONNECT_INTERVAL_MS = 1000

/** MQTT 3.1.1, table 3.1. */
const NOT_AUTHORIZED = 5

let client: MqttClient | undefined

/** The control plane of the node that served this page. */
export function brokerUrl({ protocol, host }: Pick<Location, 'protocol' | 'host'>): string {
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/mqtt`
}

/** Connects, subscribes, and keeps doing so whenever the connection is lost; where a token is missing, once it is given. */
export async function openConnection(): Promise<void> {
  if (await mayConnect(token())) connect()
}

/** Uses another token from now on. */
export async function signIn(given: string): Promise<void> {
  if (await mayConnect(given)) connect()
}

/** A node that cannot be asked is asked again. */
async function mayConnect(given: string | undefined): Promise<boolean> {
  for (;;) {
    try {
      return await identify(given)
    } catch {
      connection.value = 'disconnected'
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_INTERVAL_MS))
    }
  }
}

function connect(): void {
  client?.end(true)
  client = mqtt.connect(brokerUrl(location), {
    reconnectPeriod: RECONNECT_INTERVAL_MS,
    reconnectOnConnackError: true,
    resubscribe: false,
    // The others live in a worker made of text, which the page's content security policy forbids.
    timerVariant: 'native',
    ...brokerLogin(token()),
  })
  client.on('connect', () => {
    connection.value = 'connected'
    client?.subscribe(SUBSCRIPTIONS, { qos: 0 })
  })
  client.on('close', () => {
    connection.value = 'disconnected'
  })
  // A failed attempt is followed by `close` and the next attempt, but where the token has been taken back.
  client.on('error', (error) => {
    if (!('code' in error) || error.code !== NOT_AUTHORIZED) return
    client?.end(true)
    void openConnection()
  })
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
