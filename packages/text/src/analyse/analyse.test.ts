import { describe, expect, it } from 'vitest';
import { analyse, joinTerms } from './analyse.ts';

/** The terms as one line, parts in brackets. */
function lineOf(text: string): string {
  return analyse(text)
    .map(({ term, isPart }) => (isPart ? `(${term})` : term))
    .join(' ');
}

describe('analyse', () => {
  it.each([
    ['Running the backups', 'run the backup'],
    ['children, mice', 'child mous'],
    ['L’eau œufs cœur', 'l eau oeuf coeur'],
    ['Straße ΚΩΔΙΚΟΣ κωδικός', 'strass κωδικοσ κωδικοσ'],
    ['Ёлка елки, кассовый кассового', 'елк елк кассов кассов'],
    ['Đường ışık IŞIK', 'duong isik isik'],
    ['ＦＥＲＲＹ fer\u00adry', 'ferri ferri'],
    ['Büchelberg', 'buchelberg (buechelberg)'],
    ['كَلِمَةُ المُرورِ', 'كلمه المرور (مرور)'],
    ['הסיסמה', 'הסיסמה (סיסמה)'],
    ['비밀번호를', '비밀번호를 (비밀번호)'],
    ['२०२४ ٣٠', '2024 30'],
    ['数据库备份', '数据 据库 库备 备份'],
    ['猫 会社のVPN', '猫 会社 社の vpn'],
    ['ﾕｰｻﾞｰ', 'ユー ーザ ザー'],
    ['getUserById', 'getuserbyid (get) (user) (by) (id)'],
    ['HTTPSConnectionPool', 'httpsconnectionpool (http) (connect) (pool)'],
    [
      'max_idle_time fs.readFile',
      'max_idle_time (max) (idl) (time) fs.readfile (fs) (readfil) (read) (file)',
    ],
    ['ISO27001 30m', 'iso27001 (iso) (27001) 30m (30) (m)'],
    ['--no-verify -f', '--no-verify (no) (verifi) -f (f)'],
    ['**-n, --all**: *-x* -h/--help', '-n (n) --all (all) -x (x) -h (h) --help (help)'],
    ['**bold**--so ~/.profile', 'bold so .profile (profil)'],
    ['C++ C# .NET', 'c++ (c) c# (c) .net (net)'],
    ['URLs U.S. e-mail', 'url us e mail (email)'],
    ['1,250 1.250 1 250', '1250 (1) (250) 1250 (1) (250) 1250 (1) (250)'],
    ['$12,500.00 1,50,000', '12500 (12) (500) (00) 150000 (1) (50) (000)'],
    ['19,90 v22.5.0', '19.90 (19) (90) 22.5.0 (v22) (v) (22) (5) (0)'],
    ['at 3.14.2 192.168.178.44', 'at 3.14.2 (3) (14) (2) 192.168.178.44 (192) (168) (178) (44)'],
    ['The Recovery Time Objective', 'the recoveri (rto) time object'],
    ['𝗤𝘂𝗶𝗰𝗸 𝗕𝗿𝗼𝘄𝗻 𝗙𝗼𝘅', 'quick (qbf) brown fox'],
    ['the Internet of Things', 'the internet (iot) of thing'],
    ['Mean Time Between Failures', 'mean (mtbf) (tbf) time between failur'],
    ['a => b, x?.y, `|`, std::map', 'a => b x ?. y | std::map (std) (map)'],
    ['Really?! **bold** -- so ... https://x', 'realli bold so http x'],
  ])('reads %s', (text, terms) => {
    expect(lineOf(text)).toBe(terms);
  });

  it('finds the words of Thai by dictionary', () => {
    expect(lineOf('เปลี่ยนรหัสผ่าน')).toBe('เปลี่ยน รหัส ผ่าน');
  });

  it('says where each term stands', () => {
    const text = 'Das VPN — ﾕｰｻﾞｰ 👍 max_size, 東京タワー und Fürth.';
    for (const { term, start, end } of analyse(text)) {
      expect(analyse(text.slice(start, end)).map((found) => found.term)).toContain(term);
    }
  });

  it.each([
    'a'.repeat(1_000_000),
    '数'.repeat(300_000),
    'รหัส'.repeat(100_000),
    '\ud800a'.repeat(300_000),
    'a.'.repeat(500_000),
    '-'.repeat(1_000_000),
    'Ab '.repeat(300_000),
    'a\u0301\u200f'.repeat(300_000),
  ])('takes any text (%#)', { timeout: 20_000 }, (text) => {
    expect(analyse(text).every(({ term }) => term.length <= 64 && !/[\s"]/.test(term))).toBe(true);
  });
});

describe('joinTerms', () => {
  it('gives the terms of `analyse`, with parts and other readings apart', () => {
    const text = 'Check the Recovery Time Objective of getUserById, --no-verify 数据库 a => b, 1,250 Fürth.';
    const terms = (parts: boolean) =>
      analyse(text)
        .filter(({ isPart }) => isPart === parts)
        .map(({ term }) => term)
        .toSorted();
    const { whole, parts } = joinTerms(text);
    expect(whole.split(' ').toSorted()).toEqual(terms(false));
    expect(parts.split(' ').toSorted()).toEqual(terms(true));
  });
});
