/** For programs that give no logger. */
import { pino } from 'pino'

export const silentLogger = pino({ level: 'silent' })
