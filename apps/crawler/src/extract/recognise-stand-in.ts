import type { TextDocument } from '@xnai/contracts';

/** A page that a server sends in place of the one that was asked for. */
export type StandIn = 'soft-404' | 'login-wall';

export interface StandInFacts {
  /** After redirects. */
  readonly url: string;
  readonly isRedirected: boolean;
  readonly title: string;
  readonly document: Pick<TextDocument, 'text' | 'blocks'>;
  readonly hasPasswordField: boolean;
}

/** Longer texts have a subject of their own: error pages and forms that were looked at have fewer than 500 letters. */
const MAX_CHARS = 800;

/**
 * Recognises a page that stands in for another with status 200: one that says that there is no such page, or asks for a
 * login. Both have little text. A page about either subject has more text, code, or the subject in its address.
 */
export function recogniseStandIn(facts: StandInFacts): StandIn | undefined {
  if (facts.document.text.length > MAX_CHARS || facts.document.blocks.some(({ kind }) => kind === 'code'))
    return undefined;
  if (isLoginWall(facts)) return 'login-wall';
  return isSoft404(facts) ? 'soft-404' : undefined;
}

const NOT_FOUND_ADDRESS = /404|not-?_?found|error|missing/i;

function isSoft404(facts: StandInFacts): boolean {
  if (NOT_FOUND_ADDRESS.test(new URL(facts.url).pathname)) return false;
  return namesOf(facts).some((name) => NOT_FOUND.test(name) || NUMBER_404.test(name));
}

/** A password is asked for where a login is spoken of; without one, only a page that was led to counts. */
function isLoginWall(facts: StandInFacts): boolean {
  const { pathname, search } = new URL(facts.url);
  const isNamed = namesOf(facts).some((name) => LOGIN.test(name));
  const isLedTo = facts.isRedirected || WAY_BACK.test(search);
  if (facts.hasPasswordField) return isNamed || isLedTo || LOGIN_ADDRESS.test(pathname);
  return isNamed && isLedTo;
}

/** Whether an address reads as that of a login: enough where the page itself was not seen. */
export function isLoginAddress(url: string): boolean {
  const { hostname, pathname } = new URL(url);
  return LOGIN_ADDRESS.test(pathname) || /^(login|signin|sso|auth|accounts?|idp?)\./i.test(hostname);
}

const LOGIN_ADDRESS =
  /(^|[/_.-])(log-?_?in|sign-?_?in|logon|sso|auth|oauth2?|saml2?|wp-login|authenticate|session\/new)([/_.-]|$)/i;
const WAY_BACK =
  /[?&](next|from|to|dest|destination|continue|service|return\w*|redirect\w*|goto|back\w*|callback\w*|rurl|url|target|relaystate)=/i;

const SEPARATOR = /\s+[|–—·•»«:-]\s+|\s*[|–—·•»«]\s*|:\s+/;
const MAX_NAME = 70;

/** The parts of the title, where sites add their own name, and the first line: what the page calls itself. */
function namesOf({ title, document: { text, blocks } }: StandInFacts): string[] {
  const [first] = blocks;
  const line = first === undefined ? '' : text.slice(first.bodyStart, first.bodyEnd);
  return [...title.split(SEPARATOR), title, ...line.split(/(?<=[.!?。！？])\s*/).slice(0, 2)]
    .map((name) => name.trim().normalize('NFC'))
    .filter((name) => name.length > 0 && name.length <= MAX_NAME);
}

const NUMBER_404 = /^(error|fehler|erreur|errore|erro|fout|fel|ошибка|错误|エラー|http)?[\s:#-]*(404|410)\b/i;

/** "Not found", "no longer there", "does not exist" of a page, in the languages of most of the web. */
const NOT_FOUND = new RegExp(
  [
    String.raw`^((sorry|oops|whoops|uh[ -]?oh)\W+)?(the |this |that |your )?(requested )?(page|url|file|document|content|article|resource)( (that )?you \S+( \S+){0,3})?\W*(is |was |could |can |were )?(not|cannot|can.t|couldn.t|never)( be)? (found|located)\b`,
    String.raw`^((sorry|oops|whoops)\W+)?(that.s )?(not found|nothing (was )?found)\W*$`,
    String.raw`\b(page|url|content|article|document)( (that )?you \S+( \S+){0,4})?,? (does not|doesn.t|no longer) exist`,
    String.raw`\b(page|content|article|document) (is )?(no longer|not) (available|here|there)\b|\bpage (is )?missing\b`,
    '(can.t|cannot|couldn.t|could not|unable to) (be )?(find|locate|found) (the|that|this|your) page',
    String.raw`\b(seite|inhalt|artikel|dokument)\b.*\b(nicht (gefunden|vorhanden|verfügbar)|existiert nicht)|^nicht gefunden`,
    'page .*(introuvable|non trouvée|inexistante|n.existe (pas|plus))|^(page )?introuvable',
    'p[áa]gina .*(no (encontrada|existe|disponible)|não (encontrada|existe))|no (se )?(ha )?encontr(ad[ao]|ó|amos|ar).*página',
    'pagina .*(non (trovata|esiste|disponibile)|niet gevonden|bestaat niet|nu (a fost găsită|există))',
    '(sidan|siden|sida) .*(hittades inte|inte hittas|finns inte|ikke (fundet|funnet|finnes)|findes ikke|blev ikke fundet)',
    String.raw`sivua ei (löy|ole)|stron\S* .*(nie (została )?znalezion|nie istnieje)|nie znaleziono strony`,
    String.raw`str[áa]nk\S* .*(nenalezena|nebyla nalezena|neexistuje|nenašla|nebola nájdená)|oldal .*nem található`,
    'страниц\\S* .*(не (найден|существует))|не найден[ао]$|сторінк\\S* .*не (знайден|існує)',
    'sayfa .*bulunamad[ıi]|σελίδα .*δεν βρέθηκε|halaman .*tidak ditemukan|không tìm thấy trang|trang .*không tồn tại',
    'ページ.*(見つかりません|見つかりませんでした|存在しません)|(页面|頁面|网页|網頁).*(不存在|未找到|找不到)|(找不到|未找到).*(页面|頁面|网页|網頁)',
    '페이지.*(찾을 수 없|존재하지 않)|الصفحة .*غير موجودة|(הדף|העמוד) .*לא נמצא|ไม่พบหน้า',
  ].join('|'),
  'iu',
);

const LOGIN = new RegExp(
  [
    String.raw`^(please )?(log|sign)[ -]?(in|on)\b|\b(log|sign) in (to|with)\b|\blogin( page| required)?$|^login\b|authentication required|^(user |member )?log-?in$`,
    String.raw`^(bitte )?(anmelden|einloggen|anmeldung)\b|^(se )?(connecter|connexion|identification)\b|^(iniciar sesi[óo]n|inicio de sesi[óo]n|acceder|acceso|entrar)\b`,
    '^(accedi|accesso|inloggen|aanmelden|logga in|logg inn|log ind|kirjaudu|bejelentkezés|autentificare|conectare)',
    '^(zaloguj|logowanie|přihlásit|přihlášení|prihlásenie|войти|вход|авторизация|увійти|вхід|giriş|oturum aç|σύνδεση)',
    '^(ログイン|サインイン|登录|登錄|登入|로그인|تسجيل الدخول|התחבר|כניסה|đăng nhập|masuk|เข้าสู่ระบบ)',
  ].join('|'),
  'iu',
);

const PASSWORD_FIELD = /<input\b[^>]*\btype\s*=\s*["']?password\b/i;

export function hasPasswordField(html: string): boolean {
  return PASSWORD_FIELD.test(html);
}
