import { stemOf } from './words.ts';

/**
 * Everyday words that guides and their readers use for one another. Stands in for no thesaurus: general verbs first, then
 * what notices of houses and offices say. A word of two groups stands for those of both: "pet" for "dog" and "cat".
 */
const GROUPS: readonly string[] = [
  'delete remove erase discard drop clear purge clean',
  'change modify edit alter update adjust amend rewrite revise',
  'show display print view output',
  'list enumerate',
  'create make generate build produce',
  'start begin launch run execute invoke',
  'stop end terminate quit exit abort cancel halt',
  'restore recover undo revert',
  'allow permit enable let',
  'forbid prevent block disable prohibit disallow',
  'choose select pick',
  'store save keep',
  'get fetch retrieve obtain download',
  'send transmit upload submit',
  'set configure specify define',
  'limit restrict cap maximum',
  'hide suppress ignore omit exclude skip',
  'find search locate look discover',
  'fix repair correct resolve',
  'join combine merge concatenate',
  'split divide separate',
  'copy duplicate clone',
  'move rename relocate',
  'compare differ difference',
  'check verify validate test',
  'error failure fault problem mistake',
  'fast quick rapid',
  'big large huge great',
  'small little tiny',
  'buy purchase acquire',
  'begin found establish',
  'die death died dead killed',
  'born birth',
  'write author wrote written',
  'win won victory defeat beat',
  'cost price fee',
  'job employment work',
  'picture image photo',
  'folder directory',
  'option flag switch parameter argument',
  'setting configuration preference',
  'default initially',
  'argue claim state assert',
  'increase rise grow raise',
  'decrease decline fall reduce lower',
  'help assist aid support',
  'important significant major key main',
  'reason cause because why',
  'result outcome consequence effect',
  'advantage benefit',
  'disadvantage drawback',
  'last latest most recent',
  'park parking car vehicle',
  'checkout departure leave vacate',
  'checkin arrival arrive',
  'wifi internet wireless network',
  'dog pet animal',
  'cat pet animal',
  'open opening hours',
  'close closing hours',
  'cancel cancellation',
  'phone telephone',
  'parken parkplatz stellplatz wagen',
  'auschecken abreise abreisen räumen',
  'einchecken anreise anreisen ankommen bezugsfertig',
  'wlan internet netz',
  'hund haustier',
  'katze haustier',
  'öffnen öffnet geöffnet öffnungszeiten',
  'schließen schließt geschlossen öffnungszeiten',
  'stornieren stornierung absagen absage',
  'kosten kostet preis gebühr tarif',
  'anrufen telefon telefonnummer',
  'garer stationner stationnement parking voiture',
  'chien animal animaux',
  'ouvrir ouvre ouvert ouverture horaires',
  'fermer ferme fermé fermeture horaires',
  'coûter coûte prix tarif tarifs',
  'annuler annulation',
  'aparcar estacionar aparcamiento estacionamiento coche',
  'perro mascota animales',
  'gato mascota animales',
  'abrir abre abierto apertura horario',
  'cerrar cierra cerrado cierre horario',
  'costar cuesta precio tarifa',
  'cancelar cancelación anular',
  'parcheggiare parcheggio macchina',
  'cane animale animali',
  'gatto animale animali',
  'aprire apre aperto apertura orario',
  'chiudere chiude chiuso chiusura orario',
];

const SYNONYMS: ReadonlyMap<string, ReadonlySet<string>> = readGroups();

/** Stems of words that may stand for the word with this stem. */
export function synonymsOf(stem: string): ReadonlySet<string> | undefined {
  return SYNONYMS.get(stem);
}

function readGroups(): ReadonlyMap<string, ReadonlySet<string>> {
  const map = new Map<string, Set<string>>();
  for (const group of GROUPS) {
    const stems = group.split(' ').map(stemOf);
    for (const stem of stems) {
      const others = map.get(stem) ?? new Set();
      for (const other of stems) if (other !== stem) others.add(other);
      map.set(stem, others);
    }
  }
  return map;
}
