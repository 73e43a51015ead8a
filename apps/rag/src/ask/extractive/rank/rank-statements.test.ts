import { readMarkdown } from '@xnai/text/markdown';
import { expect, test } from 'vitest';
import { packBlocks } from '../../../blocks/pack-blocks.ts';
import { shareBlocks } from '../../../blocks/share-blocks.ts';
import type { RetrievedChunk } from '../../../retrieve/retrieve.ts';
import { readQuestion } from '../../question/question.ts';
import { readEvidence } from '../evidence.ts';
import { weighTerms } from '../weigh-terms.ts';
import { FEATURE_WEIGHTS, rankStatements } from './rank-statements.ts';

type Feature = keyof typeof FEATURE_WEIGHTS;

/** A chunk found, the better ones first; a heading and a title stand before the text, divided by " | ". */
type Found = string;

function chunkOf(found: Found, position: number): RetrievedChunk {
  const [title = '', heading = '', body = ''] = found.split(' | ');
  const document = readMarkdown(body);
  const [blocks] = shareBlocks(document, [{ start: 0, end: document.text.length }]);
  return {
    score: 10 - 3 * position,
    chunk: {
      documentId: `${position}`,
      ordinal: 0,
      start: 0,
      end: document.text.length,
      text: document.text,
      heading: heading === '' ? [] : [heading],
      context: '',
      title: title === '' ? undefined : title,
      url: undefined,
      inline: document.inline,
      blocks: blocks && packBlocks(blocks, document.text),
      metadata: {},
    },
  };
}

/** The statements found, best first. */
function rank(
  question: string,
  found: readonly Found[],
  weights: Readonly<Record<Feature, number>> = FEATURE_WEIGHTS,
) {
  const read = readQuestion(question);
  const terms = weighTerms(read, { chunks: 1000, frequencies: read.terms.map(() => 10) });
  const ranked = rankStatements(read, terms, readEvidence(found.map(chunkOf), terms), weights);
  return ranked.map(({ entry }) => entry.own.text);
}

/** A question over some chunks, and the statement that must come first. */
const QUESTIONS: readonly (readonly [question: string, found: readonly Found[], best: RegExp])[] = [
  [
    'Where is the green boat moored?',
    [
      'Harbour | Opening | The harbour opens at noon. The green boat is moored at the pier.',
      'Boats | Green boat | It lies at the pier. Is the green boat moored? Who knows.',
      'Green boat | History | Changed in version 3.2: the green boat is moored elsewhere. It was red before.',
    ],
    /moored at the pier/,
  ],
  [
    'What does --dim do?',
    [
      'lamp | Options | --dim\n: Lowers the level of the lamp.\n\n--full\n: Raises the level of the lamp.\n\nUse --dim with care.',
      'lamp --dim | Usage | lamp [--dim] [--full] <room> [<level>]\n\n```sh\nlamp --dim hall\n```',
    ],
    /Lowers the level/,
  ],
  [
    'What is a tarn?',
    [
      'Lakes | Tarn | Tarns are cold. A tarn is a small mountain lake. Tarn:\n\n- cold\n- deep',
      'Hills | Walks | Walk to the tarn, which is a small lake. The tarn tarn.',
    ],
    /tarn/i,
  ],
  [
    'How many people live in the valley town?',
    [
      'Valley | Town | Many people live in the valley town all year. In the valley 400 people live in the town. They are old.',
      'Coast | Town | The town has 900 people.',
    ],
    /people/,
  ],
  [
    'How do I repair the red pump?',
    [
      'Pump | Repairs | Close the valve. Then use the blue key, and repair the pump which is red by it.',
      'Shop | | The red pump: repair kits.\n\nred pump\n\nRepair it with the kit that we sell for the pump.',
      'Red pump | Repair | The red pump needs a new seal. You repair it as any pump.',
    ],
    /./,
  ],
  [
    'What does --dim do to the lamp in the hall?',
    [
      'Shop | Offers | The lamp in the hall was cheap. The lamp of the hall, its dim light.',
      'Options | Lamp | --dim\n: Lowers the level.\n\n--dim the lamp\n: Lowers it in the hall.\n\n--hall\n: In the hall, a lamp.',
      '--dim | Notes | The lamp in the hall is old. In the lamp hall it is dark.',
      'Lamp hall | --dim | A bulb of the lamp lasts a year. The hall is long, the lamp is old.',
    ],
    /./,
  ],
  [
    'Which port does the lamp listen on?',
    [
      'Notes | Troubleshooting | Another lamp listens on the port.',
      'Lamp | Settings | The address of the port where the lamp listens.',
    ],
    /address/,
  ],
  [
    'How many seats does the hall have?',
    ['Hall | Rooms | The seats of the hall are of oak. The hall has 40 seats by the wall.'],
    /40/,
  ],
  [
    'When does the night train to the coast leave?',
    [
      'Trains | Times | The coast has a train, and at night many leave. The night train leaves at ten for the coast.',
      'Coast | Night train | It leaves at ten. The train of the coast leaves in the night.',
      'Night train | Coast | leave: coast train night. The night train to the coast leaves.',
    ],
    /./,
  ],
  [
    'Why is the pump red?',
    ['Pump | Colour | A word on colours. The pump is red in the hall. The pump is red because of rust.'],
    /because of rust/,
  ],
  [
    'How do I dim the lamp?',
    ['Lamp | Use | A word on lamps. [dim] [full] <room> [<level>] lamp. One can dim every single lamp.'],
    /every single lamp/,
  ],
  [
    'Which option dims the lamp?',
    ['lamp | Options | A word. This dims the lamp in a room.\n\n-d\n: Dims the lamp or the room.'],
    /or the room/,
  ],
];

test.each(QUESTIONS)('the statement that answers "%s" comes first', (question, found, best) => {
  expect(rank(question, found)[0]).toMatch(best);
});

test.each(Object.keys(FEATURE_WEIGHTS) as Feature[])('the weight of %s changes an order', (feature) => {
  const without = { ...FEATURE_WEIGHTS, [feature]: 0 };
  const changed = QUESTIONS.filter(
    ([question, found]) => rank(question, found).join('\n') !== rank(question, found, without).join('\n'),
  );
  expect(changed.length).toBeGreaterThan(0);
});
