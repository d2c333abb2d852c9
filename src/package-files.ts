/**
 * Where the package's own files are. Code runs from `dist/src/` (built) or from `src/` (tests). Node cannot start a thread or a
 * process from TypeScript, so code that runs from `src/` starts the compiled twin in `dist/src/`.
 */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL(import.meta.url.endsWith('.ts') ? '../' : '../../', import.meta.url)

/** A file or folder of the package, such as `pictures/`. */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, root))
}

/** The version in `package.json`. */
export function packageVersion(): string {
  const manifest: { readonly version?: unknown } = JSON.parse(
    readFileSync(packageFile('package.json'), 'utf8'),
  )
  return String(manifest.version)
}

/** @param caller the caller's `import.meta.url`; its compiled twin when it is a source file, else itself */
export function compiledUrl(caller: string): string {
  return caller.endsWith('.ts') ? caller.replace(/\/src\/(?!.*\/src\/)/, '/dist/src/') : caller
}

/** @param name file name without extension, beside the caller */
export function workerUrl(name: string, caller: string): URL {
  return new URL(`./${name}.js`, compiledUrl(caller))
}
