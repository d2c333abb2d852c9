import { useSignal } from '@preact/signals'
import { access, tokenIn } from '../access.ts'
import { signIn } from '../polling.ts'

/** Who uses the page; a form for a token where the fleet asks for one; a warning where it asks for none of anybody. */
export function AccessBar() {
  const now = access.value
  if (now === undefined) return null
  if (now.insecure) {
    return (
      <p class="access insecure" role="alert" data-testid="insecure">
        Insecure: whoever reaches this machine may change and read everything
      </p>
    )
  }
  if (now.open) return null
  if (now.identity === undefined) return <TokenForm refusal={now.refusal} />
  return (
    <p class="access" data-testid="identity">
      {now.identity.name}, {now.identity.role}
    </p>
  )
}

function TokenForm({ refusal }: { readonly refusal: string | undefined }) {
  const text = useSignal('')
  const enter = async (event: Event): Promise<void> => {
    event.preventDefault()
    await signIn(tokenIn(text.value))
  }
  return (
    <form class="access" onSubmit={enter} data-testid="token-form">
      <label for="token">Token of your credential file</label>
      <input
        id="token"
        type="password"
        autocomplete="off"
        required
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value
        }}
        data-testid="token-input"
      />
      <button type="submit" data-testid="token-enter">
        Enter
      </button>
      <output class="failure">{refusal}</output>
    </form>
  )
}
