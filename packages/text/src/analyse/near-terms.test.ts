import { expect, it } from 'vitest';
import { nearTerms } from './near-terms.ts';

const VOCABULARY = [
  ['backup', 9],
  ['backpack', 1],
  ['encrypt', 3],
  ['prize', 4],
  ['restor', 5],
  ['anim', 2],
  ['kiln', 2],
  ['datenschutzgrundverordnung', 1],
  ['haftpflichtversicherung', 1],
  ['datenbank', 2],
  ['configur', 7],
  ['xe0308', 1],
  ['par', 9],
  ['nicht', 9],
  ['grossrinderfeld', 1],
  ['gebuhrenordnung', 1],
  ['aaaaaaa', 1],
].map(([term, frequency]) => ({ term: String(term), frequency: Number(frequency) }));

it.each([
  ['backp', ['backup']],
  ['bakcup', ['backup']],
  ['encript', ['encrypt']],
  ['cnofigru', ['configur']],
  ['price', []],
  ['lestor', []],
  ['restroing', ['restor']],
  ['animla', ['anim']],
  ['e0308', []],
  ['datenschutz', ['datenschutzgrundverordnung']],
  ['versicherung', ['haftpflichtversicherung']],
  ['datenbanksystem', ['datenbank']],
  ['mars', []],
  ['klin', ['kiln']],
  ['kilt', []],
  ['parking', []],
  ['Nacht', []],
  ['Größe', []],
  ['Gebühren', ['gebuhrenordnung']],
  ['a'.repeat(2000), []],
])('in place of %s', (term, expected) => {
  expect(nearTerms(term, VOCABULARY)).toEqual(expected);
});
