/** Wandering state: the regret of every learner, and what System foresees. */
import {
  trainWandering,
  type WanderingResult,
  type WanderingSettings,
} from '../../src/trial/wandering.ts'
import type { Experiment } from '../experiment.ts'
import { optionsOf, TRAINING } from '../trainings.ts'
import { analyse, title } from './analysis.ts'
import { sweep } from './sweep.ts'

export const experiment: Experiment<WanderingSettings, WanderingResult> = {
  name: 'wandering',
  title,
  defaultSeeds: { full: 10, quick: 1 },
  sweep,
  label: TRAINING.label,
  run: (settings, context) => trainWandering(settings, optionsOf(context)),
  analyse,
}
