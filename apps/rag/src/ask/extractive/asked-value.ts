/** A value that a question in another language than English asks for, and what it looks like where it is told. */
interface AskedValue {
  readonly asked: RegExp;
  readonly form: (language: string) => RegExp;
  /** A name in another sentence is that of somebody else. */
  readonly isOfSentence?: boolean;
}

const VALUES: readonly AskedValue[] = [
  {
    asked:
      /(?<!\p{L})(?:kostet|kosten|kostete|teuer|preis|coûte(?:nt)?|coûtait|prix|cuestan?|costaba|precio|costano?|costa|prezzo|custam?|preço|kost|duur|prijs)(?!\p{L})/iu,
    form: () =>
      /[€$£¥]|(?<!\p{L})(?:euros?|eur|usd|chf|gbp|dollars?|dólares|franken|francs?|pfund|livres|pesos?|cents?|reais|rappen|(?:kosten|gebühren)(?:los|frei)|gratis|gratuit[aeso]*|umsonst)(?!\p{L})/iu,
  },
  {
    asked:
      /(?<!\p{L})(?:wann|quand|cuándo|quando|wanneer|welche[mnrs]? (?:jahr|tag|datum)|\p{L}*(?:öffnungs|uhr|fahr)zeit(?:en)?|quel(?:le)? (?:heure|jour|année)|qué (?:hora|día|año)|che (?:ora|giorno)|horaires?|horarios?|horários?|orari[oi]?|openingstijden)(?!\p{L})/iu,
    form: timeForm,
  },
  {
    asked:
      /(?<!\p{L})(?:größe|höhe|länge|breite|tiefe|fläche|gewicht|alter|anzahl|taille|hauteur|longueur|largeur|surface|poids|âge|nombre|altitude|tamaño|altura|longitud|anchura|superficie|peso|edad|número|grandezza|altezza|lunghezza|larghezza|età|numero|tamanho|comprimento|largura|idade|grootte|hoogte|lengte|breedte|leeftijd|aantal)(?!\p{L})/iu,
    form: () => /\d/,
  },
  {
    asked: /(?<!\p{L})(?:wer|wem|wen|par qui|qui|quién(?:es)?|chi|quem)(?!\p{L})/iu,
    form: () =>
      /(?<=\p{Ll},? )\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+|(?<!\p{L})(?:par|por|dal?|pel[oa]) (?:\p{L}+ )?\p{Lu}\p{Ll}/u,
    isOfSentence: true,
  },
];

export interface FoundValue extends Pick<AskedValue, 'isOfSentence'> {
  readonly form: RegExp;
}

/** Undefined where a question asks for anything else. */
export function askedValue(text: string, language: string): FoundValue | undefined {
  const value = VALUES.find(({ asked }) => asked.test(text));
  return value && { ...value, form: value.form(language) };
}

/** A year, a time of the day, a weekday, a month, or how often. */
function timeForm(language: string): RegExp {
  const names = (part: 'month' | 'weekday') => {
    const format = new Intl.DateTimeFormat(language, { [part]: 'long', timeZone: 'UTC' });
    return Array.from({ length: 12 }, (_, at) => format.format(Date.UTC(2024, at, 1 + at)));
  };
  const name = [...names('month'), ...names('weekday')].join('|');
  return new RegExp(
    String.raw`(?<!\d)\d{4}(?!\d)|\d[:.]\d\d|\d\s*(?:uhr|h|heures?|uur)(?!\p{L})|(?<!\p{L})(?:um|alle|a las?|às|om) (?:\d|\p{L})|(?<!\p{L})(?:täglich|jede[mnrs]?|to(?:us|utes) les|cada|tod[ao]s [lao]s|ogni|elke|iedere|${name})`,
    'iu',
  );
}
