/** A kind of value, how it is asked for, and what it looks like where it is told. */
interface ValueKind {
  readonly asked: RegExp;
  readonly form: (language: string) => RegExp;
  /** A name in another sentence is that of somebody else. */
  readonly isOfSentence?: boolean;
  /** Only such a value has the form. */
  readonly isOwn?: boolean;
  /** Where no statement about the subject has the form, nothing answers the question. */
  readonly isSure?: boolean;
  /** The heading of a section that tells such a value in whatever form, and the word by which it is found. */
  readonly section?: { readonly heading: RegExp; readonly word: string };
}

/** The words of one kind of question, or one kind of value, in the languages that have been looked at. */
function words(...lists: readonly string[]): RegExp {
  return new RegExp(`(?<!\\p{L})(?:${lists.join('|').replaceAll(/\s*\n\s*/g, '|')})(?!\\p{L})`, 'iu');
}

const ENGLISH: readonly ValueKind[] = [
  {
    asked:
      /\bexpensive\b|(?<=\bhow much do(?:es)? [^?]*)\bcost\b|(?<=\bwhat (?:do(?:es)?|did) [^?]*)\bcost\b/i,
    form: price,
    isOwn: true,
    isSure: true,
  },
  { asked: /\b(?:price|salary|fee) (?:of|for)\b/i, form: price, isOwn: true, isSure: true },
  { asked: /\bhow much (?:is|are) (?=an?\b|the\b|one\b)/i, form: price, isOwn: true },
  { asked: /\bhow old\b/i, form: age, isOwn: true, isSure: true },
  {
    asked: /\bhow heavy\b|(?<=\bhow much do(?:es)? [^?]*)\bweigh\b/i,
    form: weight,
    isOwn: true,
    isSure: true,
  },
  { asked: /\b(?:tele)?phone number\b/i, form: phoneNumber, isOwn: true, isSure: true },
  {
    asked:
      /\bwho (?:\w+ly )?(?:wrote|created|made|built|designed|developed|invented|founded|composed|painted)\b/i,
    form: maker,
    isOfSentence: true,
    isOwn: true,
    isSure: true,
    section: { heading: /^[\d.\s]*(?:authors?|author\(s\))\P{L}*$/iu, word: 'author' },
  },
];

const OTHERS: readonly ValueKind[] = [
  {
    asked: words(
      'kostet|kosten|kostete|teuer|preis|caro|cher|coûte(?:nt)?|coûtait|prix|cuestan?|costaba|precio',
      'costano?|costa|prezzo|custam?|preço|kost|duur|prijs|kostar|koster|kosztuje|стоит|стоят|цена',
    ),
    form: price,
    isOwn: true,
    isSure: true,
  },
  {
    asked: words(
      'wie alt|quel âge|qué edad|cuántos años tiene|(?:qu[eé] tan|cuán) (?:viej|antigu)[ao]s?',
      'quanti anni ha|quanto è (?:vecchi|antic)[oaie]|che età|quantos anos tem|quão velh[oa]s?|que idade|hoe oud',
      'hur gammalt?|hvor gammelt?|ile lat|сколько лет',
    ),
    form: age,
    isOwn: true,
    isSure: true,
  },
  {
    asked: words(
      'wie schwer|wie ?viel wiegt|combien pèse(?:nt)?|cuánto pesan?|(?:qu[eé] tan|cuán) pesad[ao]s?',
      'quanto pesano?|quanto è pesante|quanto pesam?|quão pesad[oa]s?|hoe zwaar|hoeveel weegt|hur tungt?|hvor tungt?',
      'ile waży|сколько весит',
    ),
    form: weight,
    isOwn: true,
    isSure: true,
  },
  {
    asked: words(
      'wie (?:hoch|lang|breit|tief|dick|weit)|höhe|länge|breite|tiefe|hauteur|longueur|largeur|profondeur|altitude',
      'combien mesure(?:nt)?|altura|longitud|anchura|cuánto miden?|(?:qu[eé] tan|cuán) (?:alt|larg|anch|profund)[ao]s?',
      'altezza|lunghezza|larghezza|quanto misura|quanto è (?:alt|lung|larg|profond)[oa]|comprimento|largura|quanto mede',
      'hoe (?:hoog|lang|breed|diep)|hoogte|lengte|breedte',
    ),
    form: length,
  },
  {
    asked: words(
      'wie groß|größe|fläche|gewicht|alter|anzahl|taille|surface|poids|âge|nombre|tamaño|superficie|peso|edad|número',
      '(?:qu[eé] tan|cuán) grandes?|grandezza|età|numero|quanto è grande|tamanho|idade|quão grande',
      'hoe groot|grootte|leeftijd|aantal',
    ),
    form: () => /\d/,
  },
  {
    asked: words(
      'telefonnummer|rufnummer|numéro de téléphone|(?:número de )?tel[eé]fono',
      'telefone|telefoonnummer',
    ),
    form: phoneNumber,
    isOwn: true,
    isSure: true,
  },
  {
    asked: words(
      'wann|quand|cuándo|quando|wanneer|welche[mnrs]? (?:jahr|tag|datum)|\\p{L}*(?:öffnungs|uhr|fahr)zeit(?:en)?',
      'quel(?:le)? (?:heure|jour|année)|qué (?:hora|día|año)|che (?:ora|giorno)|horaires?|horarios?|horários?|orari[oi]?',
      'openingstijden',
    ),
    form: timeForm,
  },
  {
    asked: words('wer|wem|wen|par qui|qui|quién(?:es)?|chi|quem'),
    form: () =>
      /(?<=\p{Ll},? )\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+|(?<!\p{L})(?:par|por|dal?|pel[oa]) (?:\p{L}+ )?\p{Lu}\p{Ll}/u,
    isOfSentence: true,
  },
];

/** A value that a question asks for. */
export interface AskedValue extends Pick<ValueKind, 'isOfSentence' | 'isOwn' | 'isSure' | 'section'> {
  readonly form: RegExp;
  /** Where the words that ask for it stand in the question. */
  readonly start: number;
  readonly end: number;
}

/** Undefined where a question asks for anything else. */
export function askedValue(text: string, language: string): AskedValue | undefined {
  for (const { asked, form, ...rest } of language === 'en' ? ENGLISH : OTHERS) {
    const found = asked.exec(text);
    if (found === null) continue;
    return { ...rest, form: form(language), start: found.index, end: found.index + found[0].length };
  }
  return undefined;
}

function price(): RegExp {
  return /[€£¥]|\$\s?\d|\d\s?\$|(?<!\p{L})(?:euros?|eur|usd|chf|gbp|dollars?|dólares|franken|francs?|pfund|livres|pesos?|cents?|reais|rappen|kron(?:en|er|or)|crowns?|zł|рубл\p{L}*|(?:kosten|gebühren)(?:los|frei)|gratis|gratuit[aeso]*|umsonst|for free|(?:no|free of) (?:cost|charge))(?!\p{L})|\bcosts?\b[^.]*\d|\d[^.]*\bcosts?\b/iu;
}

/** A year, or a number of them: "since 1911", "three years". */
function age(): RegExp {
  return /(?<!\d)\d{4}(?!\d)|(?<!\p{L})(?:years?|months?|weeks?|days?|hours?|centur(?:y|ies)|tage?n?|wochen?|jahre?n?|monate?n?|jahrhunderts?|ans|mois|siècles?|años?|mes(?:es)?|siglos?|ann[io]|mes[ei]|secol[io]|anos?|séculos?|jaar|jaren|maand(?:en)?|eeuw|år|lat|rok|miesięcy|лет|год(?:а|у)?|века?)(?!\p{L})/iu;
}

function weight(): RegExp {
  return /\d\s?(?:[kmµ]?g|t|lbs?|oz|г|кг)(?!\p{L})|(?<!\p{L})(?:kilo\p{L}*|gramm?\p{L}*|tonn?e?[nsl]?\p{L}*|toneladas?|pounds?|ounces?|pfund|zentner|livres?|libras?|килограмм\p{L}*|тонн\p{L}*)(?!\p{L})/iu;
}

function length(): RegExp {
  return /\d|(?<!\p{L})(?:(?:kilo|zenti|centi|milli|mili)?m[eè]t(?:er|re|ro|ri)[ns]?|feet|foot|inch(?:es)?|miles?|yards?)(?!\p{L})/iu;
}

/**
 * "written in 1999 by Ada Berg", "Ada Berg, a builder, designed it", "Two engineers at IBM made it", "Author: Ada Berg";
 * but not "each file is written by the service", which happens again and again.
 */
function maker(): RegExp {
  const done =
    'created|made|built|designed|developed|invented|founded|composed|painted|drawn|established|started';
  const more = 'carved|erected|constructed|conceived|commissioned|work';
  return new RegExp(
    [
      String.raw`(?<!\b(?:is|are|be|being|gets?) )\b(?:written|${done}|${more})\b[^.]{0,60}\bby (?!\p{Ll}+ing\b)`,
      String.raw`\b(?:written|${done}|${more})\b[^.]{0,60}\bby (?:(?:the|an?) )?\p{Lu}`,
      String.raw`\p{Lu}[\p{L}.]*\P{L}[^.?!;]{0,40}(?<!\b(?:is|are|was|were|be|been|being) (?:\p{Ll}+ly |first )?)\b(?:wrote|(?:${done}|drew|began)(?! (?:in|on|at|of|from|with|by|before|after|around|for)\b))\b`,
      String.raw`\b(?:[Aa]uthor|[Cc]reator|[Dd]eveloper|[Ii]nventor|[Ff]ounder|[Dd]esigner|[Aa]rchitect)s?\b`,
    ].join('|'),
    'u',
  );
}

function phoneNumber(): RegExp {
  return /(?:\+|\(?0)\d[\d\s()/.-]{4,}\d|(?<!\d)\d{3}[-\s.]\d{3,}/;
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
