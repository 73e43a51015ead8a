import { readHtml } from '@xnai/text/html';
import { describe, expect, it } from 'vitest';
import { hasPasswordField, isLoginAddress, recogniseStandIn } from './recognise-stand-in.ts';

function recognise(html: string, { url = 'https://site.example/docs/a', isRedirected = false } = {}) {
  const { document, title } = readHtml(html, { url });
  return recogniseStandIn({ url, isRedirected, title, document, hasPasswordField: hasPasswordField(html) });
}

const page = (title: string, main: string) => `<title>${title}</title><main>${main}</main>`;
const LOGIN_FORM =
  '<form><label>Name</label><input name=u><label>Password</label><input type=password name=p></form>';

describe('a page that stands in for another', () => {
  it.each([
    ['Page not found', '<p>Sorry, the page that was asked for could not be found. Error 404.</p>'],
    ['404 | Example Docs', '<h1>Oops</h1><p>Try the search.</p>'],
    ['Example Docs - Page Not Found', '<p>Home. Contact.</p>'],
    ['Example', '<h1>Sorry, the page you requested was not found</h1>'],
    ['Example', '<h1>This page doesn’t exist</h1><p>Go home.</p>'],
    ['Example', '<p>The page you are looking for does not exist.</p>'],
    ['Error 404', '<p>Whatever.</p>'],
    ['Seite nicht gefunden – Beispiel', '<p>Die Seite ist umgezogen oder wurde gelöscht.</p>'],
    ['Beispiel', '<h1>Diese Seite existiert nicht</h1>'],
    ['Page introuvable', '<p>Désolé.</p>'],
    ['Página no encontrada | Ejemplo', '<p>Lo sentimos.</p>'],
    ['Página não encontrada', '<p>Desculpe.</p>'],
    ['Pagina non trovata', '<p>Ci dispiace.</p>'],
    ['Strona nie została znaleziona', '<p>Przepraszamy.</p>'],
    ['Страница не найдена', '<p>Проверьте адрес.</p>'],
    ['ページが見つかりません', '<p>お探しのページは削除されました。</p>'],
    ['页面不存在', '<p>请返回首页。</p>'],
    ['페이지를 찾을 수 없습니다', '<p>주소를 확인하세요.</p>'],
  ])('says that there is none: %s', (title, main) => {
    expect(recognise(page(title, main))).toBe('soft-404');
  });

  it.each([
    ['Sign in', LOGIN_FORM, {}],
    ['Example', `${LOGIN_FORM}<p>Members only.</p>`, { url: 'https://site.example/account/login' }],
    ['Example', LOGIN_FORM, { isRedirected: true }],
    ['Welcome', LOGIN_FORM, { url: 'https://site.example/x?return_to=%2Fdocs' }],
    ['Anmelden – Beispiel', LOGIN_FORM, {}],
    ['ログイン', LOGIN_FORM, {}],
    [
      'Log in to Example',
      '<form><input name=mail></form><p>With your mail address.</p>',
      { isRedirected: true },
    ],
  ])('asks for a login: %s', (title, main, how) => {
    expect(recognise(page(title, main), how)).toBe('login-wall');
  });

  it.each([
    ['404 Not Found', '<p>The server cannot find it.</p>', { url: 'https://site.example/http/status/404' }],
    ['Page not found', `<p>${'When a route matches nothing, this handler runs. '.repeat(20)}</p>`, {}],
    ['Not found handler', '<p>Set it once.</p>', {}],
    ['Custom error pages', '<p>Write a template. A page that is not found uses it.</p>', {}],
    ['Lost and found', '<p>Things that were found are kept for a year.</p>', {}],
    ['Files not found by the indexer', '<p>They are listed in the log.</p>', {}],
    ['Signing in', '<p>Use the blue button to sign in.</p>', {}],
    ['Log in', '<p>Run the command login, and give your name.</p>', {}],
    ['Sign in', `<p>${'How accounts work, at length. '.repeat(40)}</p>${LOGIN_FORM}`, {}],
    ['Forum', `${LOGIN_FORM}<p>Pumps. Valves. Engines.</p>`, {}],
    ['Login', '<pre><code>POST /login</code></pre>', { isRedirected: true }],
    ['Room 404', '<p>It is on the fourth floor.</p>', {}],
  ])('is no page about it: %s', (title, main, how) => {
    expect(recognise(page(title, main), how)).toBeUndefined();
  });

  it('is looked for at addresses of logins', () => {
    expect(isLoginAddress('https://sso.site.example/start')).toBe(true);
    expect(isLoginAddress('https://site.example/users/sign_in?x')).toBe(true);
    expect(isLoginAddress('https://site.example/docs/authors')).toBe(false);
  });
});
