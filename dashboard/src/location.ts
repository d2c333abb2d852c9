/** Which part of the page is open, as its address says: `#/devices/camera-3`. */
import { signal } from '@preact/signals'

/** `device`: its page; absent: the fleet. */
export interface PageLocation {
  readonly device?: string
}

/** Where an address leads. @param hash with its `#` */
export function locationIn(hash: string): PageLocation {
  const [, name] = /^#\/devices\/([^/]+)$/.exec(hash) ?? []
  return name === undefined ? {} : { device: decodeURIComponent(name) }
}

/** The address of a device's page. */
export function deviceAddress(name: string): string {
  return `#/devices/${encodeURIComponent(name)}`
}

/** What is open now. */
export const location = signal<PageLocation>(locationIn(globalThis.location?.hash ?? ''))

/** Follows the address. */
export function followAddress(): void {
  addEventListener('hashchange', () => {
    location.value = locationIn(globalThis.location.hash)
  })
}
