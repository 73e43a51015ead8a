/** Words that ask or glue and say nothing about the subject, as stems would still read them: plain lower case. */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  `a about above after again against all also am an and any anybody anyone anything are aren as at be because been
  before being below between both but by can cannot could couldn d did didn do does doesn doing don done down during
  each either else ever every few for from further had hadn has hasn have haven having he her here hers herself him
  himself his how i if in into is isn it its itself just let ll m may me might mine more most much must my myself
  neither no nor not now of off on once one ones only onto or other others ought our ours ourselves out over own per
  please re s same shall shan she should shouldn so some somebody someone something somewhere still such t than that
  the their theirs them themselves then there these they this those through to too under until up upon us ve very
  was wasn we were weren what whatever when where whether which while who whoever whom whose why will with within
  without won would wouldn yet you your yours yourself yourselves`.split(/\s+/),
);

/** Words of the way a question is put: a text that answers need not contain them. */
export const WEAK_WORDS: ReadonlySet<string> = new Set(
  `abbreviation acronym certain according accordingly actually passage paragraph allow allowed answer asked become becomes call called calls cause caused certain come comes
  commonly consider considered contain contains define defined definition describe described describes difference
  different discuss discussed do effect enable exactly example examples exist exists explain explained far feature
  features find first following follow get gets getting give given gives go going good happen happened happens has
  have help helps include included includes information involve involved keep kind kinds know known like likely list
  long make makes making many mean meaning means mention mentioned name named names need needed needs normally number
  occur occurred often old part particular people person possible possibly provide provided provides purpose put
  reason reasons refer referred refers related say says set show shows sort sorts specific specify stand stands stated take taken
  takes tell term terms thing things time times try two type types typical typically used use uses using usually
  want wants way ways work works`.split(/\s+/),
);
