/** Opens the browser of the page tests: Debian's, or the one that the environment variable CHROMIUM names. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/** @throws Error that says how to install it */
export function openChromium(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
  if (existsSync(executablePath)) return chromium.launch({ executablePath, args: ARGUMENTS })
  throw new Error(
    `No Chromium at ${executablePath}: install it ("apt-get install chromium") or name one in the environment variable CHROMIUM`,
  )
}
