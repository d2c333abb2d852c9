/** Numbers as the page writes them; an en dash where there is nothing yet. */
export const NOTHING = '–'

/** `7.3 ms`, `412 ms`. */
export function milliseconds(value: number | undefined): string {
  if (value === undefined) return NOTHING
  return `${value < 10 ? value.toFixed(1) : count(Math.round(value))} ms`
}

/** `88.4 %` */
export function percent(value: number | undefined, digits = 1): string {
  return value === undefined ? NOTHING : `${value.toFixed(digits)} %`
}

/** `87 %`, `87.25 %`: hundredths of a percent count. */
export function goalText(value: number | undefined): string {
  return value === undefined ? NOTHING : `${Number(value.toFixed(2))} %`
}

/** A share that may be tiny, and is only shown as none when it is none. */
export function smallPercent(value: number): string {
  return percent(Math.max(0, value), value > 0 && value < 0.1 ? 3 : 1)
}

/** Digits in groups of three, as in 12 345. */
export function count(value: number | undefined): string {
  return value === undefined ? NOTHING : grouped(value, 0)
}

/** The same with so many digits after the point at most. */
export function grouped(value: number, digits: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: digits }).replaceAll(',', '\u202f')
}

/** `1 device`, `12 devices` */
export function devicesText(devices: number): string {
  return `${count(devices)} ${devices === 1 ? 'device' : 'devices'}`
}

/** `3.4 a second`, `1 200 a second`. */
export function rate(perSecond: number | undefined): string {
  if (perSecond === undefined) return NOTHING
  const text = perSecond < 10 ? perSecond.toFixed(1) : count(Math.round(perSecond))
  return `${text} a second`
}

/** How long ago: `4 s`, `3 min`, `2 h`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`
}

/** `14:05:09`, by this machine's clock. */
export function timeOfDay(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('en-GB')
}
