import { fold } from './fold.ts';
import { withoutParticle } from './korean.ts';
import type { Language } from './languages.ts';
import { stem } from './stem.ts';

/**
 * Closed lists: articles, pronouns, prepositions, conjunctions, auxiliary verbs and the words that ask. They are never merged, since "die", "war" and "hat" of one language are telling words of another.
 */
const WORDS: Readonly<Partial<Record<Language, string>>> = {
  en: `a about above after again against all also am an and any anybody anyone anything are aren as at be because been
    before being below between both but by can cannot could couldn did didn do does doesn doing don done down during
    each either else ever every few for from further had hadn has hasn have haven having he her here hers herself him
    himself his how i if in into is isn it its itself just let ll many may me might mine more most much must my myself
    neither no nor not now of off on once one ones only onto or other others ought our ours ourselves out over own per
    please re same shall shan she should shouldn so some somebody someone something somewhere still such than that
    the their theirs them themselves then there these they this those through to too under until up upon us ve very
    was wasn we were weren what whatever when where whether which while who whoever whom whose why will with within
    without won would wouldn yet you your yours yourself yourselves`,
  de: `ab aber alle allem allen aller alles als also am an auch auf aus bei beim bin bis bist bitte da dabei dafur damit
    dann darf das dass dazu dein deine dem den denn der deren des dessen dich die dies diese diesem diesen dieser
    dieses dir doch du durch durfen ein eine einem einen einer eines er es etwas euch fur gegen gibt habe haben hat
    hatte hatten hier ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jede jedem jeden jeder jedes jetzt
    kann kannst kein keine keinem keinen keiner konnen konnte lange mal man mehr mein meine meinem meinen meiner mich mir
    mit muss mussen nach nicht noch nun nur ob oder oft ohne sehr sein seine seinem seinen seiner seit sich sie sind so
    soll sollen sollte sondern uber um und uns unser unsere unter viel viele vom von vor wann war waren warum was
    welche welchem welchen welcher welches wem wen wenn wer werde werden wessen weshalb wie wieder wieso will wir wird
    wo wofur woher wohin wollen womit wurde wurden wozu zu zum zur zwischen`,
  fr: `a ai as au aucun aucune aussi aux avec avez avoir avons ce ceci cela celle celles celui ces cet cette ceux
    chaque chez ci combien comme comment dans de des donc dont du elle elles en entre es est et etaient etait ete
    etre eu faut fait faire ici il ils je la laquelle le lequel les lesquels leur leurs lors lorsque lui ma mais me meme mes moi mon ne ni nos notre nous on ont ou oui par pas peut peuvent plus pour pourquoi puis quand que quel quelle quelles quels qui quoi sa sans se sera ses si soit son sont sous sur ta te tes toi ton
    tous tout toute toutes tu un une vers votre vos vous y`,
  es: `a al algo algun alguna ante antes aquel aquella asi aun aunque cada como con contra cual cuales cuando cuanta
    cuantas cuanto cuantos de debe deben del desde donde dos durante e el ella ellas ellos en entre era eran es esa
    esas ese eso esos esta estan estas este esto estos fue fueron ha hace hacer han hasta hay la las le les lo los mas
    me mi mis muy ni no nos nosotros o os otra otras otro otros para pero por porque pues puede pueden que quien
    quienes se sea sera ser si sin sobre son su sus tambien tan te tiene tienen todo todos tu tus u un una unas uno
    unos usted y ya yo`,
  it: `a ad agli ai al alla alle allo anche che chi ci come con cosa cui da dagli dai dal dalla dalle degli dei
    del dell della delle dello deve di dobbiamo dove e ed era erano essere fino fra fu gli ha hanno ho i il in io la
    le lei li lo loro lui ma mi mio ne negli nei nel nell nella nelle noi non nostra nostro o od ogni per perche piu
    possono posso puo qual quale quali quando quanta quante quanti quanto quella quelle quelli quello questa queste
    questi questo se senza si sia sono sta su sua sue sugli sul sulla sulle suo suoi ti tra tu tutti un una uno vi voi`,
  pt: `a ao aos aquela aquele as ate cada com como da das de dela dele deles deve devem do dos e ela elas ele eles em
    entre era essa esse esta estao estas este estes eu faz foi foram ha isso isto ja la lhe mais mas me mesmo meu
    minha muito na nao nas nem no nos nossa nosso num numa o onde os ou para pela pelas pelo pelos pode podem por
    porque pra qual quais quando quanta quantas quanto quantos que quem se sem ser seu seus sob sobre sao sua suas
    tambem tem te um uma umas uns voce voces`,
  nl: `aan al alle als ben bij daar dan dat de deze die dit doe doen door dus een elk elke en er ge geen haar had heb
    hebben heeft hem het hier hij hoe hoeveel hun ik in is ja je jij jullie kan kunnen maar me meer men met mij mijn
    moet moeten na naar niet niets nog nu of om omdat onder ons onze ook op over te tot u uit uw van veel voor waar
    waarin waarom waarvoor wanneer want waren was wat we wel welk welke werd wie wij wil worden wordt zal ze zich zij
    zijn zo zonder`,
  sv: `alla allt an and att av bara bli blir da de den denna deras dess det detta dig din dina ditt du dar efter ej
    eller en er ett fran far for ha had hade han hans har hon hur hurdan i in inte ja jag kan kunde lange man manga med men
    mig min mina mot mycket na nagon nagot nar ni nu och om oss pa samma sa ska skall som sig sin sina skulle till
    under upp ut utan vad vara varfor var vara vart varje vem vems vi vid vilka vilken vilket`,
  da: `ad af alle alt at bare blev blive bliver da de dem den denne der deres det dette dig din disse dog du efter
    eller en end er et far for fra ham han hans har havde hende her hos hun hvad hvem hvilke hvilken hvilket hvis
    hvor hvordan hvorfor hvornar i ikke ind jeg kan kunne man mange med meget men mig min mod ned noget nogle nu nar
    og ogsa om op os pa sig sin skal skulle som sa til ud under var vi vil ville vor vaere vaeret`,
  pl: `a ale albo az bardzo bez bo by byc byl byla bylo byly co czego czy czym dla dlaczego do dokad gdy gdzie go i
    ich ile im ja jak jaka jaki jakie jako je jego jej jest jestem jesli juz kazda kazdy kiedy komu kto ktora ktore
    ktorego ktory ktorych lub ma maja mam mi mnie mozna moze moga musi my na nad nam nas nie niz o od on ona one oni
    oraz pod po poniewaz przed przez przy sa sie sobie ta tak takze tam te tego tej ten to trzeba tu ty tych tym u w
    we wiec wszystkie z za ze zeby`,
  cs: `a aby ale ani az bez bude budou by byl byla bylo byly byt co coz do ho i ja jak jake jakou jaky jako je jeho
    jejich jeji jen jeste ji jim jsem jsme jsou k kam kde kdo kdy kdyz ke ktera ktere ktery kteri kolik ma maji me mi
    mit mne mohu muze mohou musi na nad nam nas ne nebo neni o od on ona oni pak po pod podle pokud pro proc proto
    pred pres pri s se si tak take tento ten tato toto to tom tu ty u uz v ve vsak z za ze`,
  tr: `ama ancak ait bana bazi belki ben beni benim bir biri biz bu buna bunu bunun cok cunku da daha de degil diye
    en gibi gore hangi hem hep hepsi her hic icin icinde ile ise kac kadar kim kime kimin ki mi mu nasil ne neden
    nedir nerede nereye nere niye o olan olarak oldugu olur on ona onlar onu onun sen siz su var ve veya ya yok zaman`,
  fi: `ei eivat en ette han hanen he ja jo joka jos josta jotka kuin kuinka kuka kun kanssa minka missa mista mita mika
    milloin mihin miksi miten mina minun me mutta myos ne niin nyt olen oli olivat olla on ovat saa se sen sina sita
    tai taman tama tassa te tuo vai voi voiko vain`,
  vi: `ai bao bi bang boi ca cac cai cho co con cua cung da dang day de den deu di do dau duoc gi hay khi khong la
    lai lam lau luc ma moi mot nao nay nen neu nhu nhung nhieu o qua ra rang rat sao se tai the theo thi tren trong
    tu va vao vay ve vi voi`,
  id: `ada adalah agar akan aku anda apa apakah atau bagaimana bagi bahwa berapa bisa dalam dan dapat dari dengan di
    dia hanya harus ia ini itu jika juga kami kapan karena ke kita lebih mana mengapa mereka oleh pada para saat saya
    sebagai secara seperti siapa sudah telah tidak untuk yang`,
  ru: `а без был была были было быть в вам вас во вот все всего вы где да для до его ее если есть еще же за и из или
    им их к как какая какие какой каком какую ко когда кого кому которая которые который которых кто куда ли либо
    между меня мне можно мои мы на над надо нам нас не него нее нет ни них но нужно о об он она они оно от откуда по
    под после почему при про с сам сколько со так такое там то того тоже только том тот ты у уже чего чем через что
    чтобы чья эта эти это этого этой этом этот я`,
  uk: `а або але без був була були було бути в вам вас ви вона вони від де для до його її із з за зі і й коли кого
    кому куди ми між можна мені на над наш не ні них но о об ми під по при про скільки та так там те ти то тому у хто
    це цеи ці цього чи чого чому ще що щоб як яка яке які якии якого якщо є`,
  el: `αν αντι απο αυτα αυτες αυτη αυτο αυτοι αυτος αυτων για γιατι δε δεν εαν ειμαι ειναι εναν ενας ενα εχει εχουν
    η ηταν θα και κατα με μετα μεχρι μη μην μια μου να ο οι ομως οπου οπως οταν οτι που ποια ποιες ποιο ποιοι ποιος
    ποσα ποσες ποση ποσο ποσοι πως προς πρεπει σαν σας σε στα στη στην στις στο στον στους τα τη την της τι τις το τον
    του τους των τοτε ως`,
  ar: `ان انا انت او اي اين الي التي الذي الذين بعد بين تم ثم حتي حين حيث ذلك عن عند علي غير في قبل قد كان كانت كل كم
    كما كيف لا لكن لم لماذا لن له لها ما ماذا متي مع من منذ نحن هذا هذه هل هم هنا هو هي و يتم يجب يكون يمكن`,
  he: `אבל או אותו אותה אחרי אין איך איפה אל אם אני אנחנו את אתה אתם בין גם הוא היא היה היו הם הן זאת זה זו יש כאשר כדי
    כי כל כמה כן לא לו לה להם למה לפני מאיפה מה מהו מהי מדוע מי מתי עד על עם פי רק של שלו שלה שם תחת`,
  fa: `از است اگر ان انها اين با باي براي بود به تا چرا چه چگونه چند چيست خود در را شد شود كجا كدام كرد كه كي مي ما من
    نيست و هر هم هستند يا يك`,
  hi: `और का की के को कि कब कहाँ कहां किस किसने किसे कितना कितनी कितने कैसे कौन क्या क्यों था थी थे तक तो ने पर भी में मैं यह
    यहाँ ये या वह वे से हम हर ही है हैं हो होता होती होते जो`,
  ko: `그 그리고 그것 누가 누구 누구의 대해 더 또 또는 몇 며칠 무슨 무엇 무엇인 및 뭐 수 어느 어디 어디서 어떤 어떻게 언제 얼마 얼마나 왜
    있나요 있습니까 있는 하나요 합니까 하는 할 이 저 것 나 우리`,
  th: `กับ การ ก็ ของ ครับ ความ ค่ะ คือ จะ จาก จึง ซึ่ง ด้วย ต้อง ที่ ทุก ที่ไหน เท่าไร เท่าไหร่ ทำไม นี้ นั้น ใน ใคร บ้าง แบบ
    เป็น เพื่อ เมื่อ เมื่อไร เมื่อไหร่ ไหน ไหม มี แล้ว และ หรือ ว่า อย่าง อย่างไร อยู่ อะไร ได้ ให้ ไป โดย`,
};

/** What asks, and what only joins, in scripts without spaces; "的" and its kin not where they are part of a word. */
const PHRASES: Readonly<Partial<Record<Language, RegExp>>> = {
  zh: /什么时候|什么时间|什麼時候|什[么麼]|多久|多少|多长时间|多长|怎[么麼]样|怎[么麼]办|怎[么麼]|怎样|如何|[为為]什[么麼]|哪[里裡儿些个個]|[谁誰吗嗎呢]|[几幾][点點个次]|是否|有没有|能不能|可以|[请請][问問]|我们|[应應][该該]|必须|(?<!目)的(?!确|士)|了(?!解)|是/gu,
  ja: /どのように|どうやって|どうすれば|いつ(?:まで)?|どこ|だれ|誰|何時|何|なぜ|ど[うのれ]|いくつ|いくら|教えて|ください|について|とは|(?:られ|され|でき|あり|おり|い|し|れ)?ま(?:す|した|せん)か?|で(?:す|した)か?/gu,
};

/** Languages whose words are known, in the order of preference among equals. */
export const WORD_LANGUAGES = Object.keys(WORDS) as readonly Language[];

const LANGUAGES_OF: ReadonlyMap<string, readonly Language[]> = readLists();

function readLists(): ReadonlyMap<string, readonly Language[]> {
  const languages = new Map<string, Language[]>();
  for (const language of WORD_LANGUAGES) {
    for (const word of new Set(WORDS[language]?.split(/\s+/).map(fold))) {
      languages.set(word, [...(languages.get(word) ?? []), language]);
    }
  }
  return languages;
}

/** The languages in which a word only joins or asks. What an apostrophe leaves of one, as in "l'eau", is not listed. */
export function languagesOfFunctionWord(word: string): readonly Language[] {
  if (/^[a-z]+$/.test(word)) return LANGUAGES_OF.get(word) ?? [];
  const folded = fold(word);
  return LANGUAGES_OF.get(folded) ?? LANGUAGES_OF.get(withoutParticle(folded)) ?? [];
}

const STEMS: ReadonlySet<string> = new Set([...LANGUAGES_OF.keys()].map(stem));

/** Whether a stem is that of a word that only joins or asks in some language. */
export function isFunctionStem(term: string): boolean {
  return STEMS.has(term);
}

/** Whether a word only joins or asks in a language. */
export function isFunctionWord(word: string, language: Language): boolean {
  return languagesOfFunctionWord(word).includes(language);
}

/** What asks and joins in Chinese and Japanese, whose pairs say nothing; nothing in other languages. */
export function functionPhrases(language: Language | undefined): RegExp {
  return (language && PHRASES[language]) ?? /(?!)/gu;
}
