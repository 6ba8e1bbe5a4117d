import { commandSecrets, urlSecrets } from "./command-secrets.ts";
import type { ComposeService } from "./stack/model.ts";

const SECRET_NAME =
  /pass(word|wd|phrase)?|secret|token|api_?key|private_?key|credential|auth_?key|mysql_pwd|rediscli_auth/i;
/** Shorter values are words that logs are full of. */
const MIN_LENGTH = 6;

export type Mask = (text: string) => string;

/** Where a service is told its secrets. */
export type SecretSource = Pick<
  ComposeService,
  "environment" | "command" | "entrypoint" | "healthcheck"
>;

/**
 * Replaces the values of variables whose names look secret, and the passwords that commands and
 * health checks give away. A value that some other variable or a service shows openly (`postgres`,
 * say) is no secret, and masking it would garble every log.
 */
export function createMask(model: {
  readonly services: Readonly<Record<string, SecretSource>>;
}): Mask {
  const open = new Set(Object.keys(model.services));
  const secret = new Set<string>();
  const hide = (value: string) => {
    // Logs are read line by line, and so a key of several lines is looked for line by line.
    for (const line of value.split(/\r?\n/)) {
      // Compose doubles dollars in its model; programs print them once.
      if (line.length >= MIN_LENGTH) secret.add(line).add(line.replaceAll("$", "$$$$"));
    }
  };
  for (const service of Object.values(model.services)) {
    for (const [name, written] of Object.entries(service.environment ?? {})) {
      const value = undoubled(written ?? "");
      if (SECRET_NAME.test(name)) hide(value);
      else {
        open.add(value);
        urlSecrets(value).forEach(hide);
      }
    }
    for (const words of [service.command, service.entrypoint, service.healthcheck?.test]) {
      commandSecrets((words ?? []).map(undoubled)).forEach(hide);
    }
  }
  const values = [...secret].filter((value) => !open.has(value));
  // Longest first: one secret may be a part of another.
  values.sort((a, b) => b.length - a.length);
  return (text) => values.reduce((masked, value) => masked.replaceAll(value, "*****"), text);
}

function undoubled(text: string): string {
  return text.replaceAll("$$", "$");
}
