import { age } from '../format.ts'
import { connection, heardAtMs, nowMs } from '../store.ts'
import { switchTheme, theme } from '../theme.ts'
import { AccessBar } from './access-bar.tsx'
import { PictureForm } from './picture-form.tsx'

/** Name, state of the connection, who uses the page. */
export function Header() {
  const isDark = theme.value === 'dark'
  return (
    <header>
      <a class="brand" href="#/">
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M2 13h4M2 13V8M8 8h3M8 8v5M14 3v10" />
        </svg>
        Tierwise
      </a>
      <ConnectionState />
      <div class="tools">
        <AccessBar />
        <PictureForm />
        <button
          type="button"
          class="quiet"
          onClick={switchTheme}
          aria-label={`Switch to ${isDark ? 'light' : 'dark'} colours`}
        >
          {isDark ? 'Light' : 'Dark'}
        </button>
      </div>
    </header>
  )
}

function ConnectionState() {
  return (
    <output class={`connection ${connection.value}`} data-testid="connection">
      {connectionText()}
    </output>
  )
}

function connectionText(): string {
  const heardMs = heardAtMs.value
  switch (connection.value) {
    case 'connecting':
      return 'Connecting…'
    case 'live':
      return 'Live'
    case 'ended':
      return 'Run ended'
    case 'lost':
      return heardMs === undefined
        ? 'Reconnecting…'
        : `Reconnecting… what you see is ${age(nowMs.value - heardMs)} old`
  }
}
