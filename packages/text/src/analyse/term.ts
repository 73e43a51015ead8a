/** A word of a text as index, question and answer compare it. Holds neither white space nor a double quotation mark. */
export interface Term {
  readonly term: string;
  /** Where it stands in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /**
   * Another reading of the terms around it: a part of an identifier ("user" in `getUserById`), another spelling
   * ("fuerth" of Fürth), an acronym of words in full. A term counts as held where all its parts are.
   */
  readonly isPart: boolean;
}

/** A run of letters and digits within what white space sets apart; `at` counts from there. */
export interface Piece {
  readonly raw: string;
  readonly at: number;
}
