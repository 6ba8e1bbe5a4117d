const HIDDEN = "*****";

/** `scheme://user:secret@host` */
const URL_CREDENTIALS = /(\b[a-z][a-z\d+.-]*:\/\/[^\s:/@]*:)[^\s@/]+(?=@)/gi;

/** `DB_PASSWORD=…`, `"apiKey": "…"`, `token: …` */
const NAMED_SECRET =
  /(\b[\w.-]*(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|private[_-]?key|credentials?|auth[_-]?key)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s"',;]+)/gi;

/**
 * Hides what a line of log shows of secrets by its form: passwords in URLs, and values behind names
 * that look secret. It knows no values; whoever knows them masks by value before.
 */
export function maskSecrets(text: string): string {
  return text
    .replace(URL_CREDENTIALS, `$1${HIDDEN}`)
    .replace(NAMED_SECRET, (_match, name: string, value: string) => {
      const quote = value.startsWith('"') || value.startsWith("'") ? value[0] : "";
      return `${name}${quote}${HIDDEN}${quote}`;
    });
}
