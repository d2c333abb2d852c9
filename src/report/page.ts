/** HTML pages of results that need no other file and no network. They look as the live page does. */

/** What a page is made of. */
export interface ReportPage {
  readonly title: string
  /** HTML, as is; its `section`s are listed beside it. */
  readonly body: string
  /** CSS beside that of all pages. */
  readonly style?: string
  /** Files that lie beside the page, by their names; and those that the page holds itself. */
  readonly downloads?: readonly (string | HeldFile)[]
}

/** A file within a page. */
interface HeldFile {
  readonly name: string
  readonly mediaType: 'text/csv' | 'image/svg+xml'
  readonly text: string
}

/** Pages with fewer sections need no list of them. */
const FEWEST_LISTED = 2

/** Colours are those of dashboard/src/style.css. */
const STYLE = `
:root { color-scheme: light dark; --page: #f4f5f7; --surface: #fff; --ink: #171d26; --muted: #566172; --line: #e2e6ec; --accent: #4338ca; --good: #0b6e43; --bad: #b3261e; --warn-surface: #fdf3e2 }
@media (prefers-color-scheme: dark) { :root { --page: #0f141a; --surface: #181f28; --ink: #e8ecf2; --muted: #a0abbb; --line: #2a3441; --accent: #a5adff; --good: #58cf97; --bad: #ff8a7e; --warn-surface: #2c2416 } }
* { box-sizing: border-box }
body { max-width: 1440px; margin: 0 auto; padding: 16px 24px 48px; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums }
a { color: var(--accent) }
h1 { margin: 0 0 4px; font-size: 26px; line-height: 1.25; letter-spacing: -0.015em }
header { margin-bottom: 12px }
h2 { margin: 0 0 8px; font-size: 17px }
.layout { display: grid; grid-template-columns: 210px minmax(0, 1fr); gap: 24px; align-items: start }
.layout > nav { position: sticky; top: 16px; font-size: 14px }
nav ul { margin: 0 0 16px; padding: 0; list-style: none }
nav li { padding: 3px 0 }
section, figure { margin: 0 0 16px; padding: 14px 18px; border: 1px solid var(--line); border-radius: 8px; background: var(--surface) }
section figure { padding: 0; border: 0 }
section figure:last-child { margin: 0 }
.wide { overflow-x: auto }
.wide svg { display: block; max-width: max(100%, 960px); height: auto; background: #fff }
figcaption, footer { color: var(--muted); font-size: 13px }
figcaption { max-width: 92ch; margin-top: 8px }
footer { overflow-wrap: anywhere }
pre { margin: 0; font-size: 13px }
summary { cursor: pointer }
@media (max-width: 900px) { .layout { grid-template-columns: minmax(0, 1fr) } .layout > nav { position: static } body { padding: 12px 14px 32px } }
@media print { .layout > nav { display: none } .layout { display: block } }
`

/** One page. */
export function pageOf({ title, body, style = '', downloads = [] }: ReportPage): string {
  const beside = [contentsOf(body), downloadsOf(downloads)].join('')
  const main = `<main>${body}</main>`
  const content =
    beside === ''
      ? main
      : `<div class="layout"><nav aria-label="This page">${beside}</nav>${main}</div>`
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}${style}</style></head>
<body>
<header><h1>${escaped(title)}</h1></header>
${content}
</body>
</html>
`
}

/** A part of a page, with a title that the list of contents has. @param html as is */
export function sectionOf(title: string, html: string): string {
  return `<section><h2 id="${anchorOf(title)}">${escaped(title)}</h2>\n${html}</section>`
}

/** What may be wider than a narrow screen: it is moved by itself, by keys too. @param html as is */
export function wideOf(name: string, html: string): string {
  return `<div class="wide" role="group" tabindex="0" aria-label="${escaped(name)}">${html}</div>`
}

function contentsOf(body: string): string {
  const titles = [...body.matchAll(/<h2 id="([^"]*)">(.*?)<\/h2>/g)]
  if (titles.length < FEWEST_LISTED) return ''
  const items = titles.map(([, anchor, title]) => `<li><a href="#${anchor}">${title}</a></li>`)
  return `<b>Contents</b><ul>${items.join('')}</ul>`
}

function downloadsOf(files: readonly (string | HeldFile)[]): string {
  if (files.length === 0) return ''
  const items = files.map((file) => {
    if (typeof file === 'string') {
      return `<li><a href="${escaped(encodeURI(file))}" download>${escaped(file)}</a></li>`
    }
    const { name, mediaType, text } = file
    const held = `data:${mediaType};base64,${Buffer.from(text).toString('base64')}`
    return `<li><a href="${held}" download="${escaped(name)}">${escaped(name)}</a></li>`
  })
  return `<b>Download</b><ul>${items.join('')}</ul>`
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '')
}

/** Text as HTML or SVG has it. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
