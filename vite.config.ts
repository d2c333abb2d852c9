import { gzipSync } from 'node:zlib'
import preact from '@preact/preset-vite'
import { defineConfig, type Plugin } from 'vite'

/** Beside every script and style its compressed form, which the node serves to those who take it. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    generateBundle(_, bundle) {
      for (const [fileName, file] of Object.entries(bundle)) {
        if (!/\.(js|css)$/.test(fileName)) continue
        const text = file.type === 'chunk' ? file.code : file.source
        const source = gzipSync(text, { level: 9 })
        this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source })
      }
    },
  }
}

/** Builds the live page that the cloud node serves. */
export default defineConfig({
  root: 'dashboard',
  base: './',
  plugins: [preact(), compressed()],
  build: { outDir: '../dist/dashboard', emptyOutDir: true },
})
