import { variablesIn, withDefaults } from '../interpolate.ts';
import { rule } from '../rule.ts';

const SECRET = /(PASS(WORD|WD)?|SECRET|TOKEN|CREDENTIALS?|(^|_)KEY)$/;
const PASSWORD_OPTION = /--(requirepass|masterauth|password|user)[ =]+\S+|redis-cli .*-a +\S+/;

/** Every reader of the file knows a password in it, and `inspect` shows a password in the environment. */
const noDefaultPasswords = rule('default-password', ({ written: { environment, command = '' } }) => [
  ...Object.entries(environment).map(
    ([variable, value]) =>
      SECRET.test(variable) &&
      withDefaults(value) !== '' &&
      ([
        ['environment', variable],
        `${variable} has a value in the file`,
        `give ${variable}_FILE, a file in a volume that the secrets service writes`,
      ] as const),
  ),
  PASSWORD_OPTION.test(withDefaults([command].flat().join(' '))) && [
    ['command'],
    'a password is in the command line',
    'put it into a configuration file in a volume: every process of the host can read a command line',
  ],
]);

/** `SELF: ${SELF:-x}` reaches the container as that very text with podman-compose when SELF is unset. */
const noSelfReference = rule('self-reference', ({ written }) =>
  Object.entries(written.environment).map(
    ([variable, value]) =>
      variablesIn(value).includes(variable) && [
        ['environment', variable],
        `${variable} names itself: podman-compose passes the text on literally when it is unset`,
        `give it in the command: ["env", "${variable}=\${${variable}:-default}", ...]`,
      ],
  ),
);

export const SECRETS = [noDefaultPasswords, noSelfReference];
