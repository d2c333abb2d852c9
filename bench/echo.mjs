// The floor that a served request is compared with: the same body through `node:http` and nothing else.
import { createServer } from 'node:http'

const answer = Buffer.alloc(4096)

createServer((request, response) => {
  const body = Buffer.allocUnsafe(Number(request.headers['content-length']))
  let filled = 0
  request.on('data', (chunk) => {
    filled += chunk.copy(body, filled)
  })
  request.on('end', () => response.end(answer))
}).listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'))
