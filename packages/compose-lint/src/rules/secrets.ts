import type { Finding, Rule } from '../finding.ts';
import { variablesIn, withDefaults } from '../interpolate.ts';

const NAME = /(PASS(WORD|WD|PHRASE)?|PWD|SECRET|TOKEN|CREDENTIALS?|(^|_)(API|ACCESS|PRIVATE)?_?KEY)$/i;
const VALUE = /^(sk-|ghp_|github_pat_|xox[bp]-|AKIA|hf_)\w{8,}/;
const URL_WITH_PASSWORD = /^\w[\w+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/;

/** Every reader of the file knows a password in it, and `inspect` shows a password in the environment. */
export const noDefaultPasswords: Rule = ({ name, written }) => {
  const fromEnvironment = Object.entries(written.environment)
    .filter(([variable, value]) => isSecret(variable, withDefaults(value)))
    .map(
      ([variable]): Finding => ({
        rule: 'default-password',
        path: ['services', name, 'environment', variable],
        item: variable,
        message: 'a secret is written in the file',
        cure: `give ${variable}_FILE, a file in a volume that the secrets service writes`,
      }),
    );
  const words = Array.isArray(written.command) ? written.command.join(' ') : (written.command ?? '');
  const inCommand = /--(requirepass|masterauth|password|user)[ =]+['"]*[^\s'"]|redis-cli .*-a +\S+/.test(
    words,
  );
  if (!inCommand) return fromEnvironment;
  return [
    ...fromEnvironment,
    {
      rule: 'default-password',
      path: ['services', name, 'command'],
      message: 'a password is in the command line',
      cure: 'put it into a configuration file in a volume: every process of the host can read a command line',
    },
  ];
};

function isSecret(variable: string, value: string): boolean {
  return value !== '' && (NAME.test(variable) || VALUE.test(value) || URL_WITH_PASSWORD.test(value));
}

/** `SELF: ${SELF:-x}` reaches the container as that very text with podman-compose when SELF is unset. */
export const noSelfReference: Rule = ({ name, written }) =>
  Object.entries(written.environment)
    .filter(([variable, value]) => variablesIn(value).includes(variable))
    .map(([variable]) => ({
      rule: 'self-reference',
      path: ['services', name, 'environment', variable],
      message: `${variable} names itself: podman-compose passes the text on literally when it is unset`,
      cure: NAME.test(variable)
        ? `give ${variable}_FILE, a file in a volume that the secrets service writes`
        : `give it in the command: ["env", "${variable}=\${${variable}:-default}", ...]`,
    }));
