// Once this package and all that it needs are unpacked in another project, and before any of them is set up (npm's preinstall):
// ONNX Runtime keeps the libraries of this platform, 240 MB less; and its own set-up no longer fetches CUDA libraries from outside the
// registry, unless ONNXRUNTIME_NODE_INSTALL asks for them. Where npm runs no scripts nothing is missing: there is only less room.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const GUARD =
  'if (process.env.ONNXRUNTIME_NODE_INSTALL === undefined) process.exit(0) // by tierwise\n'

/** Who asks for ONNX Runtime by name has it as it is; so has a clone of this repository. */
function isOurs() {
  const home = fileURLToPath(new URL('..', import.meta.url))
  if (!/[\\/]node_modules[\\/]/.test(home)) return false
  const project = join(process.env.npm_config_local_prefix ?? '', 'package.json')
  if (!existsSync(project)) return true
  const { dependencies, devDependencies } = JSON.parse(readFileSync(project, 'utf8'))
  return !('onnxruntime-node' in { ...dependencies, ...devDependencies })
}

function keepOnly(folder, name) {
  if (!existsSync(join(folder, name))) return
  for (const other of readdirSync(folder)) {
    if (other !== name) rmSync(join(folder, other), { recursive: true })
  }
}

function trim() {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node')
  const runtime = join(dirname(main), '..')
  const binaries = join(runtime, 'bin', 'napi-v6')
  keepOnly(binaries, process.platform)
  keepOnly(join(binaries, process.platform), process.arch)
  const setUp = join(runtime, 'script', 'install.js')
  const text = readFileSync(setUp, 'utf8')
  if (!text.startsWith(GUARD)) writeFileSync(setUp, GUARD + text)
}

try {
  if (isOurs()) trim()
} catch (error) {
  process.stderr.write(`tierwise: ONNX Runtime stays as it came: ${error.message}\n`)
}
