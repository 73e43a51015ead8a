/** English words of the way a question is put: a text that answers need not contain them. */
export const WEAK_WORDS: ReadonlySet<string> = new Set(
  `abbreviation acronym certain according accordingly actually passage paragraph allow allowed answer asked become becomes call called calls cause caused certain come comes
  commonly consider considered contain contains define defined definition describe described describes difference
  different discuss discussed do effect enable exactly example examples exist exists explain explained far feature
  features find first following follow get gets getting give given gives go going good happen happened happens has
  have help helps include included includes information involve involved keep kind kinds know known like likely list
  long made make makes making many mean meaning means mention mentioned name named names need needed needs normally number
  occur occurred often old part particular people person possible possibly provide provided provides purpose put
  reason reasons refer referred refers related say says set show shows sort sorts specific specify stand stands stated take taken
  takes tell term terms thing things time times try two type types typical typically used use uses using usually
  want wants way ways work works`.split(/\s+/),
);
