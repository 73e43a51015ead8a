import type { Finding, Rule } from '../finding.ts';
import { variablesIn, withDefaults } from '../interpolate.ts';

const SECRET = /(PASS(WORD|WD)?|SECRET|TOKEN|CREDENTIALS?|(^|_)KEY)$/;

/** Every reader of the file knows a password in it, and `inspect` shows a password in the environment. */
export const noDefaultPasswords: Rule = ({ name, written }) => {
  const fromEnvironment = Object.entries(written.environment)
    .filter(([variable, value]) => SECRET.test(variable) && withDefaults(value) !== '')
    .map(
      ([variable]): Finding => ({
        rule: 'default-password',
        path: ['services', name, 'environment', variable],
        message: `${variable} has a value in the file`,
        cure: `give ${variable}_FILE, a file in a volume that the secrets service writes`,
      }),
    );
  const words = Array.isArray(written.command) ? written.command.join(' ') : (written.command ?? '');
  const inCommand = /--(requirepass|masterauth|password|user)[ =]+\S+|redis-cli .*-a +\S+/.test(
    withDefaults(words),
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

/** `SELF: ${SELF:-x}` reaches the container as that very text with podman-compose when SELF is unset. */
export const noSelfReference: Rule = ({ name, written }) =>
  Object.entries(written.environment)
    .filter(([variable, value]) => variablesIn(value).includes(variable))
    .map(([variable]) => ({
      rule: 'self-reference',
      path: ['services', name, 'environment', variable],
      message: `${variable} names itself: podman-compose passes the text on literally when it is unset`,
      cure: `give it in the command: ["env", "${variable}=\${${variable}:-default}", ...]`,
    }));
