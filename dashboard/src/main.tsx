import './no-eval.ts'
import { render } from 'preact'
import './style.css'
import './panels.css'
import { App } from './components/app.tsx'
import { followAddress } from './location.ts'
import { poll } from './polling.ts'

const root = document.getElementById('app')
if (root === null) throw new Error('index.html has no element with the id "app"')
render(<App />, root)
followAddress()
void poll()
