/** Numbers as the page writes them; an en dash where there is nothing yet. */
const NOTHING = '–'

/** `7.3 ms`, `412 ms`. */
export function milliseconds(value: number | undefined): string {
  if (value === undefined) return NOTHING
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
}

/** `88.4 %` */
export function percent(value: number | undefined, digits = 1): string {
  return value === undefined ? NOTHING : `${value.toFixed(digits)} %`
}

/** A share that may be tiny, and is only shown as none when it is none. */
export function smallPercent(value: number): string {
  return percent(Math.max(0, value), value > 0 && value < 0.1 ? 3 : 1)
}

/** Digits in groups of three, as in 12 345. */
export function count(value: number | undefined): string {
  return value === undefined ? NOTHING : value.toLocaleString('en').replaceAll(',', '\u202f')
}

/** Signed change from `before` to `now`, as in −38 %; undefined where either is missing. */
export function change(now: number | undefined, before: number | undefined): string | undefined {
  if (now === undefined || before === undefined || before === 0) return undefined
  const rounded = Math.round((now / before - 1) * 100)
  return `${rounded > 0 ? '+' : rounded < 0 ? '−' : '±'}${Math.abs(rounded)} %`
}
