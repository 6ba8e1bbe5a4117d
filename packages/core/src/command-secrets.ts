/** At the end of a flag's or a variable's name: `--password-file` and `--tokenizer` hold none. */
const SECRET =
  /^(?!--?(?:no|skip)-)[\w.-]*(?:pass(?:word|wd|phrase)?|pwd|secret|token|(?:api|access|auth|private|secret)[_-]?key|masterauth|rediscli_auth)$/i;

/** Flags of one letter mean something else to each program. */
const CLIENTS = [
  { program: /^(redis|valkey)-cli$/, flag: "-a", isAttached: false },
  { program: /^(mysql|mariadb)/, flag: "-p", isAttached: true },
  { program: /^(mongo|cqlsh|cypher-shell|rabbitmqadmin)/, flag: "-p", isAttached: false },
  { program: /^sqlcmd$/, flag: "-P", isAttached: false },
  { program: /^ldap/, flag: "-w", isAttached: false },
] as const;

/** Followed by `user:password`. */
const LOGIN = /^(?:-u|--user)$/;
const ASSIGNMENT = /^(-{0,2}[\w.-]+)=(.+)$/s;
const URL_PASSWORD =
  /\b[a-z][a-z\d+.-]*:\/\/([^\s:/@"']*):([^\s@/"']+)@[^\s/"']*(?:\/([^\s?"']*))?/gi;
/** What a shell puts something else in place of. */
const REFERENCE = /^\$(\w+|\{.*\}|\(.*\))$/s;
const SHELL_WORD = /(?:"[^"]*"|'[^']*'|[^\s"';|&])+|[;|&]+/g;

/** What a command gives away: values of flags and variables whose names say so, passwords in URLs. */
export function commandSecrets(words: readonly string[]): string[] {
  const scripts = words.filter((word) => /\s/.test(word));
  return [...wordSecrets(words), ...scripts.flatMap(scriptSecrets), ...words.flatMap(urlSecrets)];
}

/** Passwords of connection strings. One that names the user or the database as well is no secret. */
export function urlSecrets(text: string): string[] {
  return [...text.matchAll(URL_PASSWORD)].flatMap(([, user, password = "", database]) => {
    const isOpen = password === user || password === database || REFERENCE.test(password);
    return isOpen ? [] : [password, decode(password)];
  });
}

function scriptSecrets(script: string): string[] {
  const words = (script.match(SHELL_WORD) ?? []).map((word) => word.replaceAll(/["']/g, ""));
  return wordSecrets(words).filter((value) => !REFERENCE.test(value));
}

function wordSecrets(words: readonly string[]): string[] {
  let client: (typeof CLIENTS)[number] | undefined;
  return words.flatMap((word, at) => {
    const next = words[at + 1] ?? "";
    const program = word.slice(word.lastIndexOf("/") + 1);
    const named = CLIENTS.find((one) => one.program.test(program));
    // A shell's operator ends the command.
    if (named !== undefined || /^[;|&]+$/.test(word)) client = named;
    if (client?.isAttached && word.startsWith(client.flag)) return [word.slice(client.flag.length)];
    const [, name = "", value = ""] = ASSIGNMENT.exec(word) ?? [];
    if (name !== "") return SECRET.test(name) ? [value] : [];
    if (LOGIN.test(word)) return /^[^:]+:(?!\/\/)(.+)$/.exec(next)?.slice(1) ?? [];
    const isFollowed = word === client?.flag || (word.startsWith("-") && SECRET.test(word));
    return isFollowed && !next.startsWith("-") ? [next] : [];
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
