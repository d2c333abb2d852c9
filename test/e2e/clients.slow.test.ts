/** Every example of examples/clients asks a real node, where its language is on this machine; and so do tokens over TLS. */
import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePorts } from '../../src/cli/up/fleet-settings.ts'
import { packageFile } from '../../src/package-files.ts'
import { ReadersFolder } from './document-commands.ts'

const examples = packageFile('examples/clients/')
const names = readdirSync(examples)
/** What must be on the machine, and how the example is run. */
const RUNS: readonly (readonly [example: RegExp, needs: string, run: string])[] = [
  [/^python_http/, 'python3 --version', 'python3'],
  [/^python_requests/, 'python3 -c "import requests"', 'python3'],
  [/^triton_http/, 'python3 -c "import tritonclient.http"', 'python3'],
  [/^triton_grpc/, 'python3 -c "import tritonclient.grpc"', 'python3'],
  [/\.mjs$/, 'node --version', 'node'],
  [/^fetch/, 'deno --version', 'deno run --allow-net --allow-read'],
  [/\.go$/, 'go version', '<picture.png go run'],
]
const CASES = RUNS.flatMap(([example, needs, run]) =>
  names.filter((name) => example.test(name)).map((name) => ({ name, needs, run })),
)
const isThere = (needs: string) => spawnSync('bash', ['-c', needs]).status === 0

let folder: string
let reader: ReadersFolder
/** REST, gRPC, and the node with credentials. */
let ports: number[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-clients-'))
  reader = new ReadersFolder(folder)
  ports = await freePorts(4)
  for (const name of names) {
    const text = readFileSync(examples + name, 'utf8')
    const [rest, grpc] = ports
    writeFileSync(
      join(folder, name),
      text
        .replace('127.0.0.1:8000', `127.0.0.1:${rest}`)
        .replace('127.0.0.1:8001', `127.0.0.1:${grpc}`),
    )
  }
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(packageFile('.'), join(folder, 'node_modules', 'tierwise'))
  const node = `tierwise node --tier edge --port ${ports[0]} --grpc-port ${ports[1]}`
  await reader.start(`${node} --broker mqtt://127.0.0.1:1`, 'ready: all models')
}, 90_000)
afterAll(async () => {
  await reader.close()
  rmSync(folder, { recursive: true, force: true })
})

test('no example is without a way to run it', () => {
  expect([...new Set(CASES.map(({ name }) => name))].toSorted()).toEqual(names.toSorted())
})

for (const { name, needs, run } of CASES) {
  test.skipIf(!isThere(needs))(`${name} (needs ${needs})`, { timeout: 90_000 }, async () => {
    const { status, output } = await reader.run(`${run} ${name}`)
    expect(status, output).toBe(0)
    if (!name.startsWith('tensor')) expect(output).toContain('Ankle boot')
    if (!name.startsWith('picture')) expect(output).toMatch(/class \d\b|"outputs":\[\{/)
  })
}

test('a token over TLS, and conformance by it', { timeout: 120_000 }, async () => {
  const [, , port, grpcPort] = ports
  for (const line of ['init fleet', 'add edge=edge shop=application --authority fleet']) {
    const { status, output } = await reader.run(`tierwise access ${line}`)
    expect(status, output).toBe(0)
  }
  const { authority, token } = JSON.parse(
    readFileSync(join(folder, 'fleet/shop.credentials'), 'utf8'),
  )
  writeFileSync(join(folder, 'authority.pem'), authority)
  writeFileSync(join(folder, 'header'), `Authorization: Bearer ${token}\n`)
  const flags = `--credentials fleet/edge.credentials --port ${port} --grpc-port ${grpcPort}`
  await reader.start(`tierwise node ${flags} --broker mqtts://127.0.0.1:1`, 'ready: all models')
  const url = `https://127.0.0.1:${port}`
  const curl = 'curl --cacert authority.pem --data-binary @picture.png'
  const client = `import { TierwiseClient } from 'tierwise/client'
import { readFile } from 'node:fs/promises'
const client = new TierwiseClient('${url}', { token: process.env.TOKEN })
console.log((await client.infer('fashion', await readFile('picture.png'))).label)`
  writeFileSync(join(folder, 'tls.mjs'), client)
  const variables = { TOKEN: token, NODE_EXTRA_CA_CERTS: 'authority.pem' }
  for (const line of [`${curl} -H @header ${url}/v2/models/fashion/infer`, 'node tls.mjs']) {
    const { output } = await reader.run(line, variables)
    expect(output).toContain('Ankle boot')
  }
  const surfaces = `${url} --grpc 127.0.0.1:${grpcPort} --credentials fleet/shop.credentials`
  const judged = await reader.run(`tierwise conformance ${surfaces}`)
  expect(judged.output).toContain(', 0 failed,')
  const nobody = await reader.run('node tls.mjs', { ...variables, TOKEN: 'wrong' })
  expect(nobody.output).toContain('UnauthorizedError')
})
