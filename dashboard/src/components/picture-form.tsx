import { useSignal } from '@preact/signals'
import type { TargetedEvent } from 'preact'
import { access, authorization, mayInfer } from '../access.ts'
import { askAbout } from '../picture.ts'
import { connection, overview } from '../store.ts'

/** Has the node that served this page tell what a picture shows. */
export function PictureForm() {
  const answer = useSignal('')
  const failure = useSignal('')
  const variant = overview.value?.nodes.find(
    ({ tier, health }) => tier === 'cloud' && health === 'ready',
  )?.variant
  if (variant === undefined || connection.value !== 'live' || !mayInfer(access.value)) return null
  const ask = async ({ currentTarget: input }: TargetedEvent<HTMLInputElement>): Promise<void> => {
    const [picture] = input.files ?? []
    if (picture === undefined) return
    answer.value = '…'
    failure.value = ''
    try {
      answer.value = await askAbout(picture, variant, authorization())
    } catch (error) {
      answer.value = ''
      failure.value = error instanceof Error ? error.message : String(error)
    }
    // The same file may be chosen again.
    input.value = ''
  }
  return (
    <div class="picture-form">
      <label>
        Try a picture
        <input
          type="file"
          accept="image/jpeg,image/png,image/webp"
          class="visually-hidden"
          onChange={ask}
          data-testid="picture"
        />
      </label>
      <output data-testid="picture-answer">{answer}</output>
      <output class="failure">{failure}</output>
    </div>
  )
}
