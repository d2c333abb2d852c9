/** Light or dark: as the system has it, or as was chosen here. */
import { computed, effect, signal } from '@preact/signals'

const KEY = 'tierwise-theme'
const CHOICES = ['system', 'light', 'dark'] as const
type ThemeChoice = (typeof CHOICES)[number]

const darkQuery = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = signal(darkQuery.matches)
darkQuery.addEventListener('change', ({ matches }) => {
  systemIsDark.value = matches
})

/** What was chosen; it outlives the tab. */
const themeChoice = signal<ThemeChoice>(
  CHOICES.find((one) => one === localStorage.getItem(KEY)) ?? 'system',
)
/** What is shown. */
export const theme = computed(() => {
  if (themeChoice.value !== 'system') return themeChoice.value
  return systemIsDark.value ? 'dark' : 'light'
})

/** From the system's to the other one, and back. */
export function switchTheme(): void {
  themeChoice.value = theme.value === 'dark' ? 'light' : 'dark'
  localStorage.setItem(KEY, themeChoice.value)
}

effect(() => {
  document.documentElement.dataset['theme'] = theme.value
})
