/** Pictures as SVG text: Observable Plot on a light DOM, since there is no browser. */
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

/**
 * @param title what the picture shows, for who cannot see it
 * @param options of `Plot.plot`, without a legend, which would not be SVG; colours are drawn as given
 * @returns a whole SVG document
 */
export function svgOf(title: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const figure = Plot.plot({
    // Its own colour: that of a dark page around it could not be read on white.
    style: {
      fontFamily: 'system-ui, sans-serif',
      fontSize: '12px',
      background: 'white',
      color: '#171d26',
    },
    color: { type: 'identity' },
    ...options,
    document,
  })
  figure.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  figure.setAttribute('role', 'img')
  // Parts of one picture have no names of their own.
  for (const part of figure.querySelectorAll('g[aria-label]')) part.removeAttribute('aria-label')
  const name = document.createElement('title')
  name.textContent = title
  figure.prepend(name)
  return figure.outerHTML
}
