import type { TestAnswer } from '../../../src/views/schemas-test-answers.ts'
import { answerWords, servedWords, tierOf, truthWords } from '../../../src/views/words.ts'
import { milliseconds } from '../format.ts'
import { deviceAddress } from '../location.ts'
import './test-answers.css'

interface TestAnswersProps {
  readonly answers: readonly TestAnswer[]
  /** Each device has a page. */
  readonly namesDevices?: boolean
}

/** Of a demonstration: labelled pictures, what they were answered with, and how. */
export function TestAnswers({ answers, namesDevices = false }: TestAnswersProps) {
  if (answers.length === 0) return null
  return (
    <section
      class="panel test-answers"
      aria-labelledby="test-answers-title"
      data-testid="test-answers"
    >
      <h2 id="test-answers-title">
        Some answers <small>to test pictures whose labels are known, newest first</small>
      </h2>
      <ul>
        {answers.map((answer) => (
          <Answer
            key={`${answer.device} ${answer.atMs} ${answer.picture}`}
            {...{ answer, namesDevices }}
          />
        ))}
      </ul>
    </section>
  )
}

interface AnswerProps {
  readonly answer: TestAnswer
  readonly namesDevices: boolean
}

function Answer({ answer, namesDevices }: AnswerProps) {
  const { image, truth, right, served, device, responseTimeMs } = answer
  return (
    <li class={`tier-${tierOf(served) ?? 'none'}`}>
      {image !== undefined && <img src={image} alt={truth} width={84} height={84} />}
      <p>
        <b>{answerWords(answer)}</b>
        <span class={right ? 'good' : 'bad'}>
          {right ? '✓' : '✕'} {truthWords(answer)}
        </span>
        <span>{servedWords(answer)}</span>
        <span>
          {namesDevices && (
            <>
              <a href={deviceAddress(device)}>{device}</a>,{' '}
            </>
          )}
          {milliseconds(responseTimeMs)}
        </span>
      </p>
    </li>
  )
}
