import { describe, expect, it } from 'vitest';
import { detectLanguage, isForeign } from './language.ts';
import { queryTerms } from './query-terms.ts';

describe('queryTerms', () => {
  it.each([
    ['How do I rename a branch?', 'renam branch'],
    ['Where do US IT people live?', 'us it person live'],
    ['What does `if` do?', 'if'],
    ['What is a for-each loop?', 'for each loop'],
    ['Does --no-verify skip it', '--no-verify skip'],
    ['Who is it?', 'who is it'],
    ["What's the dog's name", 'dog name'],
    ['What does ?? do, and what |', '?? |'],
    ['Wann wird das Altpapier abgeholt?', 'altpapi abgeholt'],
    ["Qu'est-ce que l'heure d'été ?", 'heur'],
    ['Когда создаётся резервная копия?', 'созда резервн коп'],
    ['도서관은 언제인가요?', '도서관은'],
    ['数据库什么时候备份？', '数据 据库 备份'],
    ['パスワードはいつ変更しますか', 'パス スワ ワー ード ドは 変更'],
  ])('takes from %s', (question, terms) => {
    const found = queryTerms(question).filter(({ isPart }) => !isPart);
    expect(found.map(({ term }) => term).join(' ')).toBe(terms);
  });

  it('reads a word by the language of its question, not by all that are known', () => {
    expect(queryTerms('How many die in war?', ['de']).map(({ term }) => term)).toEqual(['die', 'war']);
    expect(queryTerms('Wie die Räder in der Garage hängen', ['de']).map(({ term }) => term)).not.toContain(
      'die',
    );
  });
});

describe('isForeign', () => {
  it.each([
    'Wie mache ich ein Backup?',
    'Comment faire une sauvegarde ?',
    '¿Cómo hago una copia?',
    'Come faccio un backup?',
    'Como faço um backup?',
    'Hoe maak ik een backup?',
    'Hur gör jag en kopia?',
    'Jak zrobić kopię?',
    'Nasıl yedek alırım?',
  ])('%s, of English texts', (question) => {
    expect(isForeign(question, ['en', 'und'])).toBe(true);
    expect(isForeign(question, [])).toBe(false);
    expect(queryTerms(question, ['en']).map(({ term }) => term)).not.toContain(
      question.split(' ')[0]?.toLowerCase(),
    );
  });

  it.each([
    'How do I make a backup?',
    'rename a branch',
    'war crimes',
    'Who was Van den Berg?',
    'how does vi quit',
    'Was ist im Café?',
  ])('not %s, of texts in English and German', (question) => {
    expect(isForeign(question, ['en', 'de'])).toBe(false);
  });
});

describe('detectLanguage', () => {
  it.each([
    ['The pump stops when the tank is full.', 'en'],
    ['Die Pumpe hält an, wenn der Tank voll ist.', 'de'],
    ["La pompe s'arrête quand le réservoir est plein.", 'fr'],
    ['La bomba se para cuando el depósito está lleno.', 'es'],
    ['La pompa si ferma quando il serbatoio è pieno.', 'it'],
    ['De pomp stopt wanneer de tank vol is.', 'nl'],
    ['Pumpen stannar när tanken är full och det är bra.', 'sv'],
    ['Depo dolduğunda pompa bir süre için durur ve sonra ne olur?', 'tr'],
    ['Насос останавливается, когда бак полон.', 'ru'],
    ['员工在家办公时必须使用公司的 VPN。', 'zh'],
    ['在宅勤務では会社の VPN を使う必要があります。', 'ja'],
    ['비밀번호는 90일마다 변경합니다.', 'ko'],
    ['พนักงานต้องเปลี่ยนรหัสผ่าน', 'th'],
    ['47e9 x86', 'und'],
  ])('%s', (text, language) => {
    expect(detectLanguage(text)).toBe(language);
  });
});
