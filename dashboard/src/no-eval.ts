/** Imported first: schemas that are made later compile nothing at run time, which the page's content security policy forbids. */
import { config } from 'zod'

config({ jitless: true })
