import { expect, test } from 'vitest'
import { inferParameters, parametersOf } from './messages.ts'

test('of a parameter the field that is set counts, whatever stands in the others', () => {
  // As decoded: every field has its default.
  const others = {
    ...{
      bool_param: false,
      int64_param: '0',
      uint64_param: '0',
      double_param: 0,
      string_param: '',
    },
  }
  expect(
    parametersOf({
      flag: { ...others, parameter_choice: 'bool_param' },
      whole: { ...others, parameter_choice: 'int64_param', int64_param: '-5' },
      large: { ...others, parameter_choice: 'uint64_param', uint64_param: '7' },
      part: { ...others, parameter_choice: 'double_param', double_param: 0.5 },
      text: { ...others, parameter_choice: 'string_param' },
      unset: others,
    }),
  ).toEqual({ flag: false, whole: -5, large: 7, part: 0.5, text: '' })
})

test('an integer that no number holds exactly stays digits', () => {
  const read = (int64_param: string) =>
    parametersOf({ x: { parameter_choice: 'int64_param', int64_param } })?.['x']
  expect(read('9007199254740991')).toBe(9007199254740991)
  expect(read('9007199254740993')).toBe('9007199254740993')
  expect(read('-9223372036854775808')).toBe('-9223372036854775808')
})

test('without any that is known there are none', () => {
  expect(parametersOf()).toBeUndefined()
  expect(parametersOf({})).toBeUndefined()
  expect(parametersOf({ x: { parameter_choice: 'map_param' } })).toBeUndefined()
  expect(parametersOf({ x: {} })).toBeUndefined()
})

test('what is sent is whole only where it is exactly', () => {
  expect(inferParameters()).toEqual({})
  expect(
    inferParameters({ on: true, text: '1', whole: -3, zero: 0, part: 2.5, large: 2 ** 53 }),
  ).toEqual({
    on: { bool_param: true },
    text: { string_param: '1' },
    whole: { int64_param: -3 },
    zero: { int64_param: 0 },
    part: { double_param: 2.5 },
    large: { double_param: 2 ** 53 },
  })
})
