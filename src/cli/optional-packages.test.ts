import { expect, it } from 'vitest'
import { missingPackage } from './optional-packages.ts'

const missing = (name: string) => import(name).catch((error: unknown) => error)

it('says what to install where a package is missing that only reports need', () => {
  const error = Object.assign(
    new Error(`Cannot find package 'linkedom' imported from /app/dist/src/report/chart.js`),
    { code: 'ERR_MODULE_NOT_FOUND' },
  )
  expect(missingPackage(error)).toMatch(
    /^linkedom is missing.*npm install @observablehq\/plot linkedom/,
  )
})

it('takes no other error for it', async () => {
  expect(missingPackage(await missing('there-is-no-such-package'))).toBeUndefined()
  expect(missingPackage(new Error("'linkedom' is fine"))).toBeUndefined()
  expect(missingPackage('linkedom')).toBeUndefined()
})
