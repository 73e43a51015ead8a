import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestRag, type TestRag } from '../testing/open-test-rag.ts';

/** What stands in a collection: id → text, as Markdown unless the id says otherwise ("tools.html", "notes.txt"). */
type Documents = Readonly<Record<string, string>>;
/** A question, what its answer holds, and what it does not hold; without wants the right answer is `none`. */
type Row = readonly [question: string, holds?: RegExp, lacks?: RegExp];

const CARE =
  'Take care that nothing drips on the floor, and keep the old seal in the box beside the tank, because the next service asks for it.';

const COLLECTIONS: Readonly<Record<string, { documents: Documents; rows: readonly Row[] }>> = {
  'who made it': {
    documents: {
      mill: '# Mill\n\nThe brothers built the mill in 1890 of oak and slate. It grinds rye for the whole valley.',
      ledger: '# Ledger\n\nIBM developed the ledger for the harbour. It is read on Mondays.',
      chart: '# Chart\n\nAda Berg, a surveyor, drew the chart and also wrote the guide to the bay.',
      lock: '# Lock\n\nThe lock, built in 1871, lifts the boats. Work on the lock began in 1869.',
      ferry: '# Ferry\n\nThe ferry was built in 1911 of steel. It carries forty cars.',
      rake: '# rake(1)\n\n## Name\n\nrake - gather leaves\n\n## Author\n\nCem Oral <cem@rake.example>\n\n## Bugs\n\nEach heap is written by the rake into a file. Oak leaves are hard to gather.',
    },
    rows: [
      ['Who wrote rake?', /Cem Oral/, /heap/],
      ['Who built the mill?', /The brothers built the mill/],
      ['Who developed the ledger?', /IBM developed the ledger/],
      ['Who wrote the guide to the bay?', /Ada Berg/],
      ['Who built the ferry?'],
      ['Who built the lock?'],
    ],
  },
  'signs that begin a line': {
    documents: {
      yaml: '# Format\n\n1. Write a key.\n2. Write its value.\n\nThe character # starts a comment, which ends with its line.',
    },
    rows: [['Which character starts a comment?', /# starts a comment/, /Write a key/]],
  },
  'entries of lists': {
    documents: {
      'boiler.html': `<h1>Settings</h1><dl><dt>boiler.pause</dt><dd>Stops the motor when the tank is full.</dd><dd>The default
        is 45 seconds.</dd><dt>boiler.speed</dt><dd>Revolutions a second. The default is 9.</dd></dl>
        <ul><li><b>Delay</b>: how long the lamp waits. Default: 30 s.</li><li><b>Level</b>: brightness of the lamp. Default: 80 %.</li></ul>`,
      'net.html':
        '<h1>Network</h1><dl><dt>MTU</dt><dd>1492 bytes</dd><dt>SSID</dt><dd>harbour-net</dd><dt>Lease time</dt><dd>The address is kept for two days.</dd></dl>',
      'lamp.html':
        '<h1>lamp-set(1)</h1><dl><dt>--dim</dt><dd><p>Swaps the bulb for a weak one.</p><p>It is as good as:</p><pre>lamp set --dim</pre></dd><dt>--dry</dt><dd>Tells what lamp set --dim would do.</dd></dl>',
      quay: '# Quay\n\n## Signals\n\n| Signal | Meaning |\n| --- | --- |\n| red | stop |\n| blue | wait |\n| green | go |\n| white | turn |',
      press:
        '# Press\n\n## fold(page)\n\n| Name | Default |\n| --- | --- |\n| margin | 3 mm |\n\n## crop(page)\n\n| Name | Default |\n| --- | --- |\n| margin | 8 mm |',
      'index.html':
        '<h1>Index</h1><h2>R</h2><dl><dt>rudder</dt><dd>Steering [Parts of a boat]</dd><dt>rudder, what it is</dt><dd>Rudder, a part: Steering [What is a rudder]</dd></dl>',
      rudder: '# Boat\n\nA rudder turns the boat when its blade is turned in the water.',
      tools:
        '# Tools\n\n| Command | Action | Key |\n| --- | --- | --- |\n| rake | gathers the leaves | F4 |\n| mow | cuts the grass | F7 |',
    },
    rows: [
      ['What is the default of boiler.pause?', /boiler\.pause.*45 seconds/, /\b9\b/],
      ['What is the default delay of the lamp?', /30 s/, /80 %/],
      ['What is the default level?', /80 %/, /30 s|45/],
      ['What is the MTU?', /MTU: 1492 bytes/, /SSID/],
      ['What is the lease time?', /two days/, /1492|harbour/],
      ['What does lamp set --dim do?', /--dim: Swaps the bulb/, /as good as|Tells what/],
      ['What is the default margin of crop?', /crop\(page\): Name: margin; Default: 8 mm/],
      [
        'What are all the signal names?',
        /^Signal: red; Meaning: stop\nSignal: blue; Meaning: wait\nSignal: green; Meaning: go\nSignal: white; Meaning: turn \[1\]$/,
      ],
      ['Which signals are there?', /red.*\n.*blue.*\n.*green.*\n.*white/],
      ['What are the signals?', /red.*\n.*blue.*\n.*green.*\n.*white/],
      ['What does the blue signal mean?', /blue; Meaning: wait/, /red|green/],
      ['Which command gathers the leaves?', /rake/, /mow|Command, Action/],
      ['Which key is for mow?', /F7/, /F4/],
      ['What is the default of boiler.colour?'],
      ['What is a rudder?', /^A rudder turns the boat/, /Steering/],
    ],
  },
  'steps and code': {
    documents: {
      boiler: `# Boiler\n\n## Descaling the boiler\n\n${Array.from({ length: 14 }, (_, at) => `${at + 1}. Do part ${at + 1} of it. ${CARE}`).join('\n')}`,
      sauna:
        '# Sauna\n\n## Heating the sauna\n\n1. Open the air valve.\n\n   It is behind the stove.\n2. Light the fire.\n   - Use birch.\n3. Wait an hour.\n4. Close the valve.\n\nThe sauna has six seats.',
      'printer.html':
        '<h1>Printer</h1><p>Replacing the toner takes a minute.</p><ol><li>Open the cover.</li><li>Pull the lever.</li><li>Take it out.</li><li>Push the new one in.</li></ol>',
      cask: '# Cask\n\n## Filling the cask\n\n1. Rinse it:\n\n```sh\ncask rinse\n```\n\n2. Pour the wine in.\n\nIt must not foam.\n\n3. Close the bung.\n\n## Emptying the cask\n\n1. Open the tap.\n2. Wait.',
      radio:
        '# Radio\n\nThe receiver is retuned as follows.\n\n```sh\nradio tune --band fm\n```\n\nThe antenna is on the roof. By default it points north.',
    },
    rows: [
      ['How do I descale the boiler?', /1\. Do part 1 .*\n2\. Do part 2 [\s\S]*… \d more steps/],
      [
        'How do I heat the sauna?',
        /1\. Open.*behind the stove[\s\S]*birch[\s\S]*4\. Close the valve\. \[1\]$/,
      ],
      ['How do I replace the toner?', /1\. Open[\s\S]*4\. Push the new one in\. \[1\]$/],
      [
        'How do I fill the cask?',
        /1\. Rinse it:[\s\S]*cask rinse[\s\S]*2\. Pour.*not foam\.\n3\. Close the bung\. \[1\]$/,
        /tap/,
      ],
      ['What are the steps for emptying the cask?', /1\. Open the tap\.\n2\. Wait\. \[1\]$/, /bung/],
      ['How do I retune the receiver?', /as follows\.\n\n```sh\nradio tune/],
      ['Where does the antenna point?', /By default it points north/],
    ],
  },
  'things and what is not said of them': {
    documents: {
      pump: '# Pump\n\nError 17 means that the filter is blocked. Error 42 means that the lid is open.',
      sauna: 'Guests may use the sauna except on Fridays. The yard has an area of 25 m².',
      beds: 'Room 101 seats twelve people. Room 205 seats forty people.',
      heizung: 'Die Heizung wird im Mai gewartet. Fehler 7 bedeutet, dass die Pumpe steht.',
      kutsche:
        '# Kutschfahrten\n\nDie Kutsche fasst sechs Personen. Fahrt: 25 Euro. Die Kutsche wurde 1911 von Otto Lang gezimmert.',
      bateau: '# Le bac\n\nLe bac traverse le lac. Le bac porte quarante voitures.',
      telar: '# El telar\n\nEl telar ocupa la sala. El telar teje lana desde 1890.',
    },
    rows: [
      ['What does error 17 mean?', /filter is blocked/, /lid/],
      ['What does error 99 mean?'],
      ['How many people does room 205 seat?', /forty/, /twelve/],
      ['How many people does room 777 seat?'],
      ['Who designed the pump?'],
      ['What colour is the sauna?'],
      ['Is the lid of the pump made of steel?'],
      ['How large is the area of the yard?', /25 m²/],
      ['Was bedeutet Fehler 7?', /die Pumpe steht/],
      ['Was bedeutet Fehler 9?'],
      ['Wann wird die Heizung gewartet?', /im Mai/],
      ['Was kostet die Heizung?'],
      ['Wer hat die Heizung eingebaut?'],
      ['Was kostet eine Fahrt?', /25 Euro/],
      ['Wann wurde die Kutsche gebaut?', /1911/],
      ['Wer hat die Kutsche gebaut?', /Otto Lang/],
      ['Welche Farbe hat die Kutsche?'],
      ['Combien coûte le bac ?'],
      ['Qui a dessiné le bac ?'],
      ['De quelle couleur est le bac ?'],
      ['Que porte le bac ?', /quarante voitures/],
      ['¿Cuánto cuesta el telar?'],
      ['¿Cuándo se compró el telar?', /1890/],
      ['¿De qué color es el telar?'],
      ['¿Qué teje el telar?', /lana/],
      ['Wie alt ist die Heizung?'],
      ['Wie schwer ist die Kutsche?'],
      ['Wie alt ist die Kutsche?', /1911/, /sechs/],
      ['Quel âge a le bac ?'],
      ['Combien pèse le bac ?'],
      ['¿Qué tan pesado es el telar?'],
      ['How old is the sauna?'],
      ['How heavy is the lid of the pump?'],
      ['How much does the sauna cost?'],
    ],
  },
};

/** A collection of one small page, which says little and in other words. */
const SMALL_PAGES: Readonly<Record<string, { text: string; rows: readonly Row[] }>> = {
  'a guesthouse': {
    text: '# Pension Linde\n\nZimmer: 80 Euro\n\nFrühstück gibt es von 7 bis 10 Uhr. Der Parkplatz liegt hinter dem Haus. Hunde sind willkommen.',
    rows: [
      ['Was kostet eine Nacht?', /^Zimmer: 80 Euro \[1\]$/],
      ['Was kostet ein Zimmer?', /^Zimmer: 80 Euro \[1\]$/],
      ['Was kostet das Frühstück?'],
      ['Sind Hunde erlaubt?', /^Hunde sind willkommen\. \[1\]$/],
      ['Wie alt ist das Haus?'],
      ['Gibt es einen Pool?'],
    ],
  },
  'an inn': {
    text: '# The Inn\n\nRoom: 80 euros\n\nBreakfast is served from 7 to 10. The car park is behind the house.',
    rows: [
      ['What does a night cost?', /^Room: 80 euros \[1\]$/],
      ['When is breakfast?', /^Breakfast is served from 7 to 10\. \[1\]$/],
      ['How expensive is the breakfast?'],
      ['How old is the inn?'],
    ],
  },
  'a house to let': {
    text: '# The Mill\n\n## Animals\n\nDogs are welcome in the yard but not inside. A dog needs a basket.\n\n## Deposit\n\nThe guest pays a deposit of two rents. The owner returns it within eight weeks.\n\n## The owner\n\nThe house belongs to Ada Berg (the owner). Settings of the heating are in `/etc/heating`.\n\n## Changing the filter\n\nThe filter is changed in May. This takes an hour.\n\nThe tank is emptied like this:\n\n1. Open the tap.\n2. Wait.',
    rows: [
      ['Can I bring my dog?', /^Dogs are welcome in the yard but not inside\./],
      ['When do I get my deposit back?', /within eight weeks\. \[1\]$/],
      [
        'Who is the owner?',
        /^The owner: The house belongs to Ada Berg|^The house belongs to Ada Berg/,
        /eight weeks/,
      ],
      ['Who built the mill?'],
      ['How do I change the filter?', /changed in May/, /tap/],
    ],
  },
  'ein Gasthof': {
    text: '# Gasthof\n\n## Zimmer\n\n- Einzelzimmer: 58 Euro\n- Doppelzimmer: 80 Euro\n\nBis zum Vortag ist die Absage kostenlos, danach berechnen wir eine Nacht.\n\n## Linsensuppe\n\nFür vier Personen.\n\n1. Die Linsen waschen.\n2. Alles kochen.\n\n## Haus\n\nDas Haus wurde von Ada Lang errichtet. Der Hof liegt hinter dem Haus. Wagen stehen im Hof. Bis 11 Uhr ist zu räumen.',
    rows: [
      ['Wo kann ich parken?', /^Wagen stehen im Hof\. \[1\]$/],
      ['Wann muss ich auschecken?', /^Bis 11 Uhr ist zu räumen\. \[1\]$/],
      ['Was kostet eine Nacht?', /Einzelzimmer: 58 Euro.*Doppelzimmer: 80 Euro/, /kostenlos/],
      ['Wie macht man Linsensuppe?', /1\. Die Linsen waschen\.\n2\. Alles kochen\./],
      ['Wer hat das Haus gebaut?', /Ada Lang errichtet\. \[1\]$/],
    ],
  },
  図書館: {
    text: '# 図書館\n\n## 駐車場\n\n建物の裏に駐車場があります。2時間まで無料です。\n\n## 開館時間\n\n火曜日から日曜日まで開いています。月曜日は休館です。',
    rows: [
      ['駐車場は無料ですか？', /2時間まで無料です。/],
      ['月曜日は開いていますか？', /月曜日は休館です。/],
    ],
  },
  'una locanda': {
    text: '# Locanda\n\nCamera: 90 euro\n\nLa cena è servita dalle 19:30. Il parcheggio è dietro la casa.',
    rows: [
      ['Quanto costa una notte?', /^Camera: 90 euro \[1\]$/],
      ['A che ora si cena?', /^La cena è servita dalle 19:30/, /Camera/],
      ['Quanti anni ha la casa?'],
    ],
  },
};

describe.each(Object.entries(COLLECTIONS))('questions about %s', (_about, { documents, rows }) => {
  let rag: TestRag;
  beforeAll(async () => {
    rag = await openTestRag();
    for (const [id, content] of Object.entries(documents)) {
      await rag.put(id, content, { content_type: typeOf(id) });
    }
  });
  afterAll(() => rag[Symbol.asyncDispose]());

  test.each(rows.map((row) => ({ row, query: row[0] })))('$query', ({ row }) => expectAnswer(rag, row));
});

describe.each(Object.entries(SMALL_PAGES))('questions about %s', (_about, { text, rows }) => {
  let rag: TestRag;
  beforeAll(async () => {
    rag = await openTestRag();
    await rag.put('page', text);
  });
  afterAll(() => rag[Symbol.asyncDispose]());

  test.each(rows.map((row) => ({ row, query: row[0] })))('$query', ({ row }) => expectAnswer(rag, row));
});

async function expectAnswer(rag: TestRag, [query, holds, lacks]: Row): Promise<void> {
  const { body } = await rag.call('POST', '/v1/query', { query });
  if (holds === undefined) expect(body).toMatchObject({ mode: 'none', citations: [] });
  else expect(body.answer).toMatch(holds);
  if (lacks !== undefined) expect(body.answer).not.toMatch(lacks);
}

function typeOf(id: string): string {
  if (id.endsWith('.html')) return 'text/html';
  return id.endsWith('.txt') ? 'text/plain' : 'text/markdown';
}

test('whole paragraphs are quoted where the request asks for them', async () => {
  await using rag = await openTestRag();
  const paragraph = 'The mill grinds rye. It was built in 1802. Its wheel is of oak. Visitors come in June.';
  await rag.put('mill', `# Mill\n\n${paragraph}`);
  const ask = async (quotes: object) =>
    (await rag.call('POST', '/v1/query', { query: 'When was the mill built?', ...quotes })).body.citations;
  expect((await ask({ quotes: 'full' })).map(({ quote }: { quote: string }) => quote)).toEqual([paragraph]);
  expect((await ask({}))[0].quote.length).toBeLessThan(paragraph.length);
});

test('history of versions is quoted only where it is asked for', async () => {
  await using rag = await openTestRag();
  await rag.put(
    'lamp',
    '# lamp.dim\n\nChanged in version 3.2: the level of the lamp can be dimmed. The level of the lamp is set by dim.',
  );
  const ask = async (query: string) => (await rag.call('POST', '/v1/query', { query })).body.answer;
  expect(await ask('How is the level of the lamp set?')).toMatch(/^The level of the lamp is set by dim/);
  expect(await ask('What changed in version 3.2?')).toMatch(/^Changed in version 3\.2/);
});
