/** The time that workers have worked, added up while jobs begin and end. */
export class WorkedTime {
  /** Jobs under way. */
  running = 0
  private doneMs = 0
  private sinceMs = 0

  begin(nowMs: number): void {
    this.count(nowMs)
    this.running += 1
  }

  end(nowMs: number): void {
    this.count(nowMs)
    this.running -= 1
  }

  /** Of all workers together, jobs under way included. */
  untilMs(nowMs: number): number {
    return this.doneMs + this.running * (nowMs - this.sinceMs)
  }

  private count(nowMs: number): void {
    this.doneMs = this.untilMs(nowMs)
    this.sinceMs = nowMs
  }
}
