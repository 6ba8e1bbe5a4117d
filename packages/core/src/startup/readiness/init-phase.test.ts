import { expect, test } from "vitest";
import { runsScript } from "./init-phase.ts";

const TITLES = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"];
const row = (pid: number, parent: number, command: string) => {
  return ["postgres", String(pid), String(parent), "0", "20:20", "?", "00:00:00", command];
};
const SCRIPT = "/bin/bash /usr/local/bin/docker-entrypoint.sh postgres -p 5433";

test.each<[string, string[][], boolean]>([
  ["the script is the main process", [row(10, 9, SCRIPT), row(20, 10, "postgres -p 5432")], true],
  ["under an init", [row(10, 9, "/sbin/docker-init -- x.sh"), row(20, 10, SCRIPT)], true],
  ["a plain sh", [row(10, 9, "sh /start.sh")], true],
  ["it has made way", [row(10, 9, "postgres -p 5433"), row(20, 10, "postgres: writer")], false],
  ["and under an init", [row(10, 9, "/sbin/docker-init -- x.sh"), row(20, 10, "mysqld")], false],
  ["a check in a shell", [row(10, 9, "mysqld"), row(30, 9, "/bin/sh -c mysqladmin ping")], false],
  ["no shell but its namesake", [row(10, 9, "/usr/bin/fish-server")], false],
])("%s: %o", (_case, rows, expected) => {
  expect(runsScript(TITLES, rows, 10)).toBe(expected);
});
