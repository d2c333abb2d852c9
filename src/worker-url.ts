/**
 * The file to start a worker thread from. Node cannot run TypeScript in a worker, so code that itself runs from `src/`
 * (in tests) starts the worker's compiled twin in `dist/`.
 * @param name file name without extension, beside the caller
 * @param caller the caller's `import.meta.url`
 */
export function workerUrl(name: string, caller: string): URL {
  const compiled = caller.endsWith('.ts') ? caller.replace('/src/', '/dist/') : caller
  return new URL(`./${name}.js`, compiled)
}
