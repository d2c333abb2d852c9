/** Watches an MQTT byte stream for packets over a limit; the broker itself would buffer up to 256 MB. */

/** Counts through fixed headers (MQTT 3.1.1, section 2.2): one type byte, then up to four length bytes. */
export class PacketLimit {
  private readonly maxBytes: number
  /** Bytes of the current packet's body still to come. */
  private remaining = 0
  private inHeader = false
  private length = 0
  private shift = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** @returns false once a packet announces a body over the limit or a length that is none */
  accept(chunk: Uint8Array): boolean {
    let offset = 0
    while (offset < chunk.length) {
      if (this.remaining > 0) {
        const taken = Math.min(this.remaining, chunk.length - offset)
        this.remaining -= taken
        offset += taken
      } else if (!this.inHeader) {
        this.inHeader = true
        this.length = 0
        this.shift = 0
        offset += 1
      } else {
        const byte = chunk[offset] ?? 0
        offset += 1
        if (!this.acceptLength(byte)) return false
      }
    }
    return true
  }

  /** Seven bits of the length at a time, lowest first; the high bit says that more follow. */
  private acceptLength(byte: number): boolean {
    this.length += (byte & 0x7f) << this.shift
    this.shift += 7
    if (byte & 0x80) return this.shift < 28
    this.inHeader = false
    this.remaining = this.length
    return this.length <= this.maxBytes
  }
}
