/** HTML pages that need no other file and no network. */

/** @param style CSS. @param body HTML, as is */
export function pageOf(title: string, style: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${style}</style></head>
<body>
${body}
</body>
</html>
`
}

/** Text as HTML or SVG has it. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
