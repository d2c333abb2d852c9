import { expect, test } from 'vitest'
import { pageOf, sectionOf } from './page.ts'

test('a page lists its sections and the files beside it', () => {
  const body = ['Claims', 'Steps & minutes', 'Method']
    .map((title) => sectionOf(title, 'x'))
    .join('')
  const page = pageOf({ title: 'A <page>', body, downloads: ['results.csv'] })
  expect(page).toContain('<title>A &lt;page></title>')
  expect(page).toContain('<li><a href="#steps-minutes">Steps &amp; minutes</a></li>')
  expect(page).toContain('<h2 id="steps-minutes">Steps &amp; minutes</h2>')
  expect(page).toContain('<a href="results.csv" download>results.csv</a>')
})

test('a short page has no list, and none needs the network', () => {
  const page = pageOf({ title: 'Short', body: sectionOf('One', 'x') })
  expect(page).not.toContain('<nav')
  expect(page).not.toMatch(/(src|href)="(https?:)?\/\//)
})

test('a page may hold its files itself', () => {
  const held = { name: 'rows.csv', mediaType: 'text/csv', text: 'a,b' } as const
  const page = pageOf({ title: 'Held', body: '', downloads: [held] })
  expect(page).toContain('<a href="data:text/csv;base64,YSxi" download="rows.csv">rows.csv</a>')
})
