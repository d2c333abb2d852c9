import './no-eval.ts'
import { render } from 'preact'
import './style.css'
import { App } from './components/app.tsx'
import { openConnection } from './connection.ts'

const root = document.getElementById('app')
if (root === null) throw new Error('index.html has no element with the id "app"')
render(<App />, root)
void openConnection()
