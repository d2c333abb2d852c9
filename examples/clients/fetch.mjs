import { readFile } from 'node:fs/promises'

const url = 'http://127.0.0.1:8000/v2/models/fashion/infer'

async function infer(body, query = '', headers = {}) {
  const signal = AbortSignal.timeout(10_000)
  const answer = await fetch(url + query, { method: 'POST', body, headers, signal })
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  return { ...(await answer.json()), servedBy: answer.headers.get('x-tierwise-decision') }
}

const picture = await infer(await readFile('picture.png'), '?deadline_ms=2000')
console.log(picture.parameters.label, picture.servedBy)

const tensor = { name: 'input', datatype: 'UINT8', shape: [1, 1, 28, 28], data: Array(784).fill(0) }
const body = JSON.stringify({ inputs: [tensor] })
const { outputs } = await infer(body, '', { 'content-type': 'application/json' })
console.log('class', outputs[0].data.indexOf(Math.max(...outputs[0].data)))
