/**
 * Questions, and the passage that answers each; the topics are far apart, and no word is in both: weights that nobody trained
 * make a vector of the words alone, and place texts that share some near each other.
 */
export type QuestionSet = readonly { readonly question: string; readonly passage: string }[];

const ENGLISH = `
How do I get into my account if I forgot my password? | Use the link that we send by email to reset your login.
How long does bread have to bake? | Leave the loaf in the hot oven until its crust is golden brown.
When does the next train leave? | Departures from our railway station are every hour, at platform four.
Which planet is the largest? | Jupiter, giant of our solar system, has far more mass than Saturn.
What helps against a high fever? | Sick patients should rest and take medicine for flu.
Who won the football match? | Our home team scored three goals and beat its opponents.
Why does my dog bark at night? | A lonely puppy howls in the dark, as pets want attention.
Do I have to pay tax on my salary? | Wages are income, and the government takes a share of that money.
Will it rain tomorrow? | The weather forecast tells of showers, thick clouds and strong wind.
What does it cost to insure a car? | Drivers pay their yearly premium, and accidents of vehicles are covered.
Where can I borrow books? | The public library lends novels to its readers for four weeks.
How do I grow tomatoes? | Put vegetable seeds into garden soil, and water the young plants.
Who ruled in ancient Rome? | Caesar and Augustus were emperors over all of antiquity.
May I get divorced without a lawyer? | Couples end their marriage before the judge of their family court.
Why does a volcano erupt? | Molten lava and ash burst out of the mountain.
Which violin should a beginner buy? | Music students start with cheap instruments that have four strings.
`;

const GERMAN = `
Wie komme ich in mein Konto, wenn ich das Passwort vergessen habe? | Über den Link unserer E-Mail setzen Sie Ihre Anmeldung zurück.
Wie lange muss Brot backen? | Der Laib bleibt im heißen Ofen, bis die Kruste goldbraun ist.
Wann fährt der nächste Zug ab? | Die Bahn verlässt den Bahnhof jede Stunde von Gleis vier.
Welcher Planet ist der größte? | Jupiter, ein Riese, übertrifft alles andere in unserem Sonnensystem.
Was hilft gegen hohes Fieber? | Kranke Patienten sollen ruhen und Medizin für die Grippe nehmen.
Wer hat das Fußballspiel gewonnen? | Die Heimmannschaft schoss drei Tore und besiegte ihre Gegner.
Warum bellt mein Hund nachts? | Ein einsamer Welpe heult im Dunkeln, weil Haustiere Nähe suchen.
Muss ich auf mein Gehalt Steuern zahlen? | Lohn ist Einkommen, und der Staat nimmt einen Teil dieses Geldes.
Wird es morgen regnen? | Die Wettervorhersage kündigt Schauer, dichte Wolken und kräftigen Wind an.
Was kostet es, ein Auto zu versichern? | Fahrer entrichten eine jährliche Prämie, die Unfälle ihres Wagens deckt.
Wo kann ich Bücher ausleihen? | In der Bibliothek nehmen Leser Romane für vier Wochen mit.
Wie ziehe ich Tomaten? | Gemüsesamen kommen in Gartenerde, und junge Pflanzen brauchen Wasser.
Wer herrschte im alten Rom? | Cäsar und Augustus waren Kaiser der Antike.
Darf ich mich ohne Anwalt scheiden lassen? | Ehepaare beenden ihre Ehe vor einem Richter am Familiengericht.
Warum bricht ein Vulkan aus? | Flüssige Lava und Asche schießen oben durch den Berg.
Welche Geige soll ein Anfänger kaufen? | Musikschüler beginnen mit einem billigen Instrument, das vier Saiten hat.
`;

const SPANISH = `
¿Cómo entro en mi cuenta si olvidé la contraseña? | Con el enlace de nuestro correo se restablece el acceso de usuario.
¿Cuánto tiempo se hornea el pan? | La barra queda al calor hasta que su corteza esté dorada.
¿Cuándo sale el próximo tren? | Hay salidas de la estación de ferrocarril cada hora, en la vía cuatro.
¿Qué planeta es el más grande? | Júpiter, gigante de nuestro sistema solar, supera a Saturno.
¿Qué ayuda contra la fiebre alta? | Los enfermos deben descansar y tomar medicinas para su gripe.
¿Quién ganó el partido de fútbol? | Nuestro equipo local marcó tres goles y venció a su rival.
¿Por qué ladra mi perro de noche? | Un cachorro solo aúlla en la oscuridad porque las mascotas piden atención.
¿Tengo que pagar impuestos por mi sueldo? | El salario es un ingreso, y el Estado cobra una parte del dinero.
¿Lloverá mañana? | El pronóstico del tiempo anuncia chubascos, nubes densas y viento fuerte.
¿Cuánto cuesta asegurar un coche? | Los conductores abonan una prima anual que cubre accidentes de su vehículo.
¿Dónde puedo tomar libros prestados? | La biblioteca pública deja novelas a sus lectores durante cuatro semanas.
¿Cómo cultivo tomates? | Se ponen semillas de hortalizas en tierra de jardín y se riegan las plantas.
¿Quién gobernaba en la antigua Roma? | César y Augusto fueron emperadores del mundo clásico.
¿Puedo divorciarme sin abogado? | Las parejas terminan su matrimonio ante un juez de familia.
¿Por qué hace erupción un volcán? | La lava fundida y la ceniza salen con fuerza de la montaña.
¿Qué violín debe comprar un principiante? | Los alumnos de música empiezan con instrumentos baratos de cuatro cuerdas.
`;

const RUSSIAN = `
Как войти в аккаунт, если я забыл пароль? | Ссылка из нашего письма сбросит данные для доступа к учётной записи.
Сколько времени печётся хлеб? | Буханку держат в горячей духовке, пока корочка не подрумянится.
Когда отходит следующий поезд? | Электрички с железнодорожного вокзала отправляются каждый час.
Какая планета самая большая? | Юпитер — гигант нашей Солнечной системы.
Что помогает при высокой температуре? | Больным гриппом нужен покой, врач выписывает им лекарства.
Кто выиграл футбольный матч? | Хозяева поля забили три гола и победили соперников.
Почему моя собака лает ночью? | Одинокий щенок воет в темноте: питомцам нужно внимание.
Нужно ли платить налог с зарплаты? | Заработок — это доход, и государство берёт часть этих денег.
Пойдёт ли завтра дождь? | Прогноз погоды обещает ливни, густые облака и сильный ветер.
Сколько стоит застраховать машину? | Водители вносят годовой взнос, который покрывает аварии их автомобиля.
Где можно взять книги? | Публичная библиотека выдаёт читателям романы на четыре недели.
Как вырастить помидоры? | Семена овощей сажают в садовую землю, а молодые растения поливают.
Кто правил в Древнем Риме? | Цезарь и Август были императорами античности.
Можно ли развестись без адвоката? | Супруги расторгают брак перед судьёй по семейным делам.
Почему извергается вулкан? | Расплавленная лава и пепел вырываются из горы.
Какую скрипку купить новичку? | Ученики музыкальной школы начинают с дешёвого инструмента о четырёх струнах.
`;

const CHINESE = `
忘记密码了怎么登录账户? | 点击邮件里的链接,可重新设置身份信息。
面包要烤多久? | 生坯放进热炉,直到外皮金黄。
下一班火车什么时候开? | 铁路客运每六十分钟从四号站台出发。
哪颗行星最大? | 太阳系里的巨人,质量超过地球三百倍。
发高烧怎么办? | 感冒的病人应该休息并吃药。
足球比赛谁赢了? | 主队射门三次得分,打败对手。
我的狗为什么晚上叫? | 小犬孤单,在黑暗里吠,宠物需要陪伴。
工资要交税吗? | 薪水是收入,政府会收取其中一部分钱。
明天会下雨吗? | 气象台预报:多云,风力强劲,请带伞。
给汽车买保险多少钱? | 司机每年付一笔费用,用来赔偿交通事故。
在哪里可以借书? | 公共馆藏让读者把小说带回家四个星期。
怎么种西红柿? | 把蔬菜籽撒进花园泥土,给幼苗浇水。
古罗马由谁统治? | 凯撒与尼禄是那个时代意大利半岛的皇帝。
没有律师可以离婚吗? | 夫妻在家庭法院的法官面前结束关系。
火山为什么爆发? | 熔岩和灰尘从地底喷出来。
初学者应该买哪种小提琴? | 音乐新手从便宜的四弦乐器开始。
`;

const JAPANESE = `
パスワードを忘れたらどうやってログインしますか? | 届いたメールから、利用者の設定をやり直せます。
パンはどのくらい焼きますか? | 生地を熱い窯に入れ、皮がきつね色になるまで待ちます。
次の電車はいつ出ますか? | 特急は毎時、駅の四番ホームから発します。
一番大きい惑星はどれですか? | ジュピターは太陽系の巨人です。
高い熱には何が効きますか? | 風邪の患者は休んで薬を飲むべきです。
サッカーの試合はどちらが勝ちましたか? | ホームチームが三点を決めて相手を破りました。
犬はなぜ夜に吠えますか? | 寂しいペットは暗い所で鳴き、構ってほしがります。
給料に税金はかかりますか? | 働いて得た収入から、国がその一部を取ります。
明日は雨が降りますか? | 天気予報によると、雲が厚く、風が強いので、傘が要るそうです。
車の保険はいくらですか? | ドライバーは毎年の掛け金で、事故に備えます。
本はどこで借りられますか? | 図書館は読者に小説を四週間貸し出します。
トマトはどう育てますか? | 野菜の種を庭の土にまき、苗に水をやります。
古代ローマを治めたのは誰ですか? | カエサルとアウグストゥスは昔の皇帝でした。
弁護士なしで離婚できますか? | 夫婦は家庭裁判所の裁判官の前で別れます。
火山はなぜ噴火しますか? | 溶けた溶岩と灰が地下から吹き出します。
初心者はどのバイオリンを買うべきですか? | 音楽の生徒は弦が四本ある安い楽器から始めます。
`;

/** The same topics in several languages, since a model may have been trained on one only. */
export const QUESTION_SETS: readonly QuestionSet[] = [
  ENGLISH,
  GERMAN,
  SPANISH,
  RUSSIAN,
  CHINESE,
  JAPANESE,
].map(read);

/** A question and its passage stand in one line. */
function read(lines: string): QuestionSet {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [question = '', passage = ''] = line.split(' | ');
      return { question, passage };
    });
}
