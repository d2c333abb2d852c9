/** `tierwise models`: build, list, check, add and evaluate the models that are served. */
import { Command, Option } from 'commander'
import { addModel } from './models/add.ts'
import { checkCatalogue } from './models/check.ts'
import { compileModels } from './models/compile.ts'
import { evaluateModels } from './models/evaluate.ts'
import { listModels } from './models/list.ts'
import { builtCatalogue } from './models-on-disk.ts'
import { PAPER } from './settings/kinds.ts'

/** `tierwise models` */
export function modelsCommand(): Command {
  const models = new Command('models')
  for (const command of [build(), list(), check(), add(), evaluate(), compile()]) {
    models.addCommand(command)
  }
  return models
}

function catalogueOption(): Option {
  return new Option(
    '--catalogue <file>',
    'catalogue to use, or one of the built-in ones: fashion (default), paper',
  )
}

function build(): Command {
  return new Command('build')
    .description(
      "Build the paper's eight MobileNetV1 variants (Table III, --catalogue paper) as ONNX files, unless they are there.",
    )
    .action(async () => {
      const { file } = await builtCatalogue(PAPER)
      process.stdout.write(`${file}\n`)
    })
}

function list(): Command {
  return new Command('list')
    .description('List the variants of a catalogue.')
    .addOption(catalogueOption())
    .option('--json', 'as JSON')
    .action(listModels)
}

function check(): Command {
  return new Command('check')
    .description(
      'Say all that is wrong with a catalogue and its model files. Exit code 1 if anything is.',
    )
    .argument('<file>', 'the catalogue')
    .option('--json', 'as JSON')
    .action(checkCatalogue)
}

function add(): Command {
  return new Command('add')
    .description(
      'Add an ONNX classifier to a catalogue, or begin one with it: inputs, outputs, precision and size are read from the file.',
    )
    .argument('<file>', 'the ONNX file')
    .option('--catalogue <file>', 'catalogue to add it to, or to begin', 'catalogue.yaml')
    .option('--name <name>', "the variant's name (default: the file's)")
    .option(
      '--model <name>',
      'what applications call (default: classifier); only to begin a catalogue',
    )
    .option('--labels <file>', 'names of the classes, one a line; only to begin a catalogue')
    .option(
      '--shape <sizes>',
      "the input's shape, such as 1,3,224,224, where the file leaves it open; only to begin a catalogue",
    )
    .option(
      '--output <name>',
      'the output with the scores, where the file has several; only to begin a catalogue',
    )
    .action(addModel)
}

function evaluate(): Command {
  return new Command('evaluate')
    .description(
      'Measure accuracy, temperature and confidence curves of every variant on labelled pictures and write them into the catalogue.',
    )
    .argument(
      '<folder>',
      'one sub-folder of pictures for each class, named by its label or index, or a pair of IDX files',
    )
    .addOption(catalogueOption())
    .option('--split <name>', 'of several pairs of IDX files: t10k or train, for instance')
    .option(
      '--held-out <folder>',
      'other labelled pictures, to fit temperatures and choose thresholds on (default: half of the pictures)',
    )
    .addOption(
      new Option('--metric <metric>', 'what counts as right')
        .choices(['top-1', 'top-5'])
        .default('top-1'),
    )
    .option('--dry-run', 'measure only')
    .option('--force', 'write accuracies of fewer than 200 pictures, too')
    .option('--json', 'as JSON')
    .action(evaluateModels)
}

function compile(): Command {
  return new Command('compile')
    .description(
      "Make FP32 and INT8 ONNX files of trained weights of MobileNetV1's blocks (NAME.bin and NAME.json).",
    )
    .argument('<weights>', 'folder of the weights')
    .requiredOption(
      '--pictures <file>',
      'IDX file of pictures they were trained on, for the ranges of INT8',
    )
    .requiredOption('--out <folder>', 'where the ONNX files go')
    .action(compileModels)
}
