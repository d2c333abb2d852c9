// A fleet on one machine: a device, the cloud, and the orchestrator that decides between them. Real models, real inference.
import {
  choicesOf,
  FASHION_CATALOGUE,
  loadCatalogue,
  startBroker,
  startNode,
  startOrchestrator,
} from 'tierwise'

const { variants } = await loadCatalogue(FASHION_CATALOGUE)
const choices = choicesOf(variants).filter(({ placement }) => placement.tier !== 'edge')
const { url: broker, close } = await startBroker({ port: 0 })
const cloud = await startNode({ tier: 'cloud', port: 0, broker })
const device = await startNode({ tier: 'end', port: 0, cloudUrl: cloud.url, broker })
await Promise.all([cloud.ready, device.ready])
const orchestrator = await startOrchestrator({ choices, goalPercent: 92, broker })

// Any client of the Open Inference Protocol will do.
const picture = {
  name: 'input',
  datatype: 'UINT8',
  shape: [1, 1, 28, 28],
  data: new Array(784).fill(0),
}
const served = new Map<string, number>()
for (let request = 0; request < 200; request++) {
  const answer = await fetch(`${device.url}/v2/models/fashion/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: [picture] }),
  })
  const by = answer.headers.get('x-tierwise-decision') ?? `error ${answer.status}`
  served.set(by, (served.get(by) ?? 0) + 1)
}
for (const [by, requests] of served) console.log(`${requests} requests by ${by}`)
console.log(`average accuracy ${orchestrator.served?.accuracyPercent.toFixed(1)} %, goal 92 %`)

await orchestrator.stop()
for (const node of [device, cloud]) await node.close()
await close()
