/** Questions, and the passage that answers each; the topics are far apart, and few words are in both. */
export type QuestionSet = readonly { readonly question: string; readonly passage: string }[];

/** The same topics in several languages, since a model may have been trained on one only. */
export const QUESTION_SETS: readonly QuestionSet[] = [
  [
    pair(
      'How do I get into my account if I forgot my password?',
      'Use the link that we send by email to reset your login.',
    ),
    pair(
      'How long does bread have to bake?',
      'Leave the loaf in the hot oven until its crust is golden brown.',
    ),
    pair(
      'When does the next train leave?',
      'Departures from the railway station are every hour, at platform four.',
    ),
    pair('Which planet is the largest?', 'Jupiter is the giant of our solar system, far bigger than Saturn.'),
    pair('What helps against a high fever?', 'Sick patients should rest and take medicine against the flu.'),
    pair('Who won the football match?', 'The home team scored three goals and beat its opponents.'),
    pair('Why does my dog bark at night?', 'A lonely puppy howls in the dark, as pets want attention.'),
    pair(
      'Do I have to pay tax on my salary?',
      'Wages are income, and the government takes a share of that money.',
    ),
  ],
  [
    pair(
      'Wie komme ich in mein Konto, wenn ich das Passwort vergessen habe?',
      'Mit dem Link in unserer E-Mail setzen Sie Ihre Anmeldung zurück.',
    ),
    pair('Wie lange muss Brot backen?', 'Der Laib bleibt im heißen Ofen, bis die Kruste goldbraun ist.'),
    pair('Wann fährt der nächste Zug ab?', 'Die Bahn verlässt den Bahnhof jede Stunde von Gleis vier.'),
    pair('Welcher Planet ist der größte?', 'Jupiter ist der Riese unseres Sonnensystems.'),
    pair('Was hilft gegen hohes Fieber?', 'Kranke Patienten sollen ruhen und Medizin gegen Grippe nehmen.'),
    pair(
      'Wer hat das Fußballspiel gewonnen?',
      'Die Heimmannschaft schoss drei Tore und besiegte ihre Gegner.',
    ),
    pair('Warum bellt mein Hund nachts?', 'Ein einsamer Welpe heult im Dunkeln, weil Haustiere Nähe suchen.'),
    pair(
      'Muss ich auf mein Gehalt Steuern zahlen?',
      'Lohn ist Einkommen, und der Staat nimmt einen Teil dieses Geldes.',
    ),
  ],
  [
    pair(
      '¿Cómo entro en mi cuenta si olvidé la contraseña?',
      'Con el enlace de nuestro correo se restablece el acceso de usuario.',
    ),
    pair(
      '¿Cuánto tiempo se hornea el pan?',
      'La masa queda en el horno caliente hasta que la corteza se dore.',
    ),
    pair(
      '¿Cuándo sale el próximo tren?',
      'Hay salidas de la estación de ferrocarril cada hora, en la vía cuatro.',
    ),
    pair('¿Qué planeta es el más grande?', 'Júpiter es el gigante de nuestro sistema solar.'),
    pair(
      '¿Qué ayuda contra la fiebre alta?',
      'Los enfermos deben descansar y tomar medicinas para la gripe.',
    ),
    pair('¿Quién ganó el partido de fútbol?', 'El equipo local marcó tres goles y venció a su rival.'),
    pair(
      '¿Por qué ladra mi perro de noche?',
      'Un cachorro solo aúlla en la oscuridad porque las mascotas piden atención.',
    ),
    pair(
      '¿Tengo que pagar impuestos por mi sueldo?',
      'El salario es un ingreso, y el Estado cobra una parte del dinero.',
    ),
  ],
  [
    pair(
      'Как войти в аккаунт, если я забыл пароль?',
      'Ссылка из нашего письма сбросит данные для входа в учётную запись.',
    ),
    pair('Сколько времени печётся хлеб?', 'Буханку держат в горячей духовке, пока корочка не подрумянится.'),
    pair('Когда отходит следующий поезд?', 'Электрички с железнодорожного вокзала отправляются каждый час.'),
    pair('Какая планета самая большая?', 'Юпитер — гигант нашей Солнечной системы.'),
    pair(
      'Что помогает при высокой температуре?',
      'Больным гриппом нужен покой, врач выписывает им лекарства.',
    ),
    pair('Кто выиграл футбольный матч?', 'Хозяева поля забили три гола и победили соперников.'),
    pair('Почему моя собака лает ночью?', 'Одинокий щенок воет в темноте: питомцам нужно внимание.'),
    pair(
      'Нужно ли платить налог с зарплаты?',
      'Заработок — это доход, и государство берёт часть этих денег.',
    ),
  ],
  [
    pair('忘记密码了怎么登录账户?', '点击我们邮件里的链接,就能重新设置登录信息。'),
    pair('面包要烤多久?', '把面团放进热烤箱,直到外皮变成金黄色。'),
    pair('下一班火车什么时候开?', '列车每小时从车站的四号站台出发。'),
    pair('哪颗行星最大?', '木星是太阳系里的巨人。'),
    pair('发高烧怎么办?', '感冒的病人应该休息并吃药。'),
    pair('足球比赛谁赢了?', '主队进了三个球,打败了对手。'),
    pair('我的狗为什么晚上叫?', '孤单的小犬在黑暗里吠,宠物需要陪伴。'),
    pair('工资要交税吗?', '薪水是收入,政府会收取其中一部分钱。'),
  ],
  [
    pair(
      'パスワードを忘れたらどうやってログインしますか?',
      'メールのリンクからアカウントの設定をやり直せます。',
    ),
    pair('パンはどのくらい焼きますか?', '生地を熱いオーブンに入れ、皮がきつね色になるまで待ちます。'),
    pair('次の電車はいつ出ますか?', '列車は毎時、駅の四番ホームから発車します。'),
    pair('一番大きい惑星はどれですか?', '木星は太陽系の巨人です。'),
    pair('高い熱には何が効きますか?', '風邪の患者は休んで薬を飲むべきです。'),
    pair('サッカーの試合はどちらが勝ちましたか?', 'ホームチームが三点を決めて相手を破りました。'),
    pair('犬はなぜ夜に吠えますか?', '寂しい子犬は暗い所で鳴き、ペットは構ってほしがります。'),
    pair('給料に税金はかかりますか?', '賃金は収入であり、国がその一部のお金を取ります。'),
  ],
];

function pair(question: string, passage: string) {
  return { question, passage };
}
