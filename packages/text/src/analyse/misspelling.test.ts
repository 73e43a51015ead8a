import { expect, it } from 'vitest';
import { isMisspelling } from './misspelling.ts';

it.each([
  ['encripted', 'encrypted'],
  ['certifcate', 'certificate'],
  ['animla', 'animal'],
  ['bakcup', 'Backup'],
  ['backp', 'backup'],
  ['passwrd', 'password'],
  ['authentcaton', 'authentication'],
  ['Kafeemaschine', 'Kaffeemaschine'],
])('%s is %s, misspelt', (asked, right) => {
  expect(isMisspelling(asked, right)).toBe(true);
});

it.each([
  ['reinige', 'Reinigung'],
  ['einreichen', 'einzureichen'],
  ['fahren', 'Fahrten'],
  ['nettoyer', 'nettoyée'],
  ['Kündigung', 'kündigen'],
  ['reservar', 'reservado'],
  ['lösche', 'löschen'],
  ['Größe', 'Großrinderfeld'],
  ['Datenschutz', 'Datenschutzgrundverordnung'],
  ['parking', 'par'],
])('%s is no misspelling of %s', (asked, right) => {
  expect(isMisspelling(asked, right)).toBe(false);
});
