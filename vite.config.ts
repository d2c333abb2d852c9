import preact from '@preact/preset-vite'
import { defineConfig } from 'vite'

/** Builds the live page that the cloud node serves. */
export default defineConfig({
  root: 'dashboard',
  base: './',
  plugins: [preact()],
  // One script on purpose: the page opens from one node, often on a local network; mqtt and zod are most of it.
  build: { outDir: '../dist/dashboard', emptyOutDir: true, chunkSizeWarningLimit: 800 },
})
