/**
 * Files that another thread or process is started from. Node cannot run TypeScript there, so code that itself runs from
 * `src/` (in tests) starts the compiled twin in `dist/`.
 */

/** @param caller the caller's `import.meta.url`; its compiled twin when it is a source file, else itself */
export function compiledUrl(caller: string): string {
  return caller.endsWith('.ts') ? caller.replace(/\/src\/(?!.*\/src\/)/, '/dist/') : caller
}

/** @param name file name without extension, beside the caller */
export function workerUrl(name: string, caller: string): URL {
  return new URL(`./${name}.js`, compiledUrl(caller))
}
