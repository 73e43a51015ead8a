import type { Language } from '@xnai/text/analyse';

/** Words of the way a question is put, which a text that answers need not contain. */
const WORDS: Readonly<Partial<Record<Language, string>>> = {
  en: `abbreviation acronym certain according accordingly actually passage paragraph allow allowed answer asked become becomes call called calls cause caused certain come comes
  bring brings brought commonly consider considered contain contains define defined definition describe described describes difference
  different discuss discussed do effect enable exactly example examples exist exists explain explained far feature
  features find first following follow get gets getting give given gave gives go going good got happen happened happens has
  have help helps include included includes information involve involved keep kept kind kinds know known like likely list
  long made make makes making many mean meaning means mention mentioned name named names need needed needs normally number
  occur occurred often old part particular people person possible possibly provide provided provides purpose put
  reason reasons refer referred refers related say says set show shows sort sorts specific specify stand stands stated take taken
  takes tell term terms thing things time times try two type types typical typically used use uses using usually
  want wants way ways work works`,
  de: `bedeutet bedeuten bekomme bekommen bekommt benutze benutzen benutzt brauche brauchen braucht bringe bringen
  finde finden findet funktioniert geht gehen kriege machen mache macht mitbringen nehmen nutze nutzen passiert
  verwende verwenden`,
  fr: `amener apporter fait faire fonctionne obtenir signifie trouve trouver utiliser utilise`,
  es: `conseguir encontrar encuentro funciona hace hago llevar necesito obtener pasa significa traer usar uso`,
  it: `fare funziona ottenere portare serve significa trovare trovo usare uso`,
};

const WEAK: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(WORDS).map(([language, words]) => [language, new Set(words.split(/\s+/))]),
);

export function isWeakWord(word: string, language: Language): boolean {
  return WEAK.get(language)?.has(word.toLowerCase()) === true;
}

/** Weak words that say nothing as a verb either; "list" and "show" do: "How do I list the sessions?" */
const GENERAL_ACTIONS: ReadonlySet<string> = new Set(
  'become bring do find get give go have keep know like make need put take tell try use want work'.split(' '),
);

/** Whether an English verb says nothing of what is to be done. */
export function isGeneralAction(word: string): boolean {
  return GENERAL_ACTIONS.has(word.toLowerCase());
}
