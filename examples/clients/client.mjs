import { readFile } from 'node:fs/promises'
import { DeadlineError, TierwiseClient } from 'tierwise/client'

const client = new TierwiseClient('http://127.0.0.1:8000', { timeoutMs: 10_000 })

const picture = await readFile('picture.png')
const { label, servedBy, responseTimeMs } = await client.infer('fashion', picture, { id: '7' })
console.log(label, servedBy, responseTimeMs)

const data = new Uint8Array(784)
const tensor = { name: 'input', datatype: 'UINT8', shape: [1, 1, 28, 28], data }
try {
  const { classes } = await client.infer('fashion', [tensor], { classes: 3, deadlineMs: 2000 })
  console.log('class', classes[0].index)
} catch (error) {
  if (!(error instanceof DeadlineError)) throw error
  console.log('too busy for an answer in time')
}
