import { readFileSync } from "node:fs";

/**
 * Ends the process as one that was used wrongly, unless its Node.js is one that `engines` allows.
 * Older ones do not understand all that is loaded after this.
 */
export function requireNode(program: string): void {
  const file = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const { engines }: { engines: { node: string } } = JSON.parse(file);
  const { node: version } = process.versions;
  if (isAllowed(version, engines.node)) return;
  const range = engines.node.replaceAll("||", "or");
  console.error(`${program} needs Node.js ${range}; this is ${version}`);
  process.exit(2);
}

/** @param range in the words that `engines` has, such as `^22.22 || >=24` */
export function isAllowed(version: string, range: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return range.split(" || ").some((part) => {
    const [, sign, from, least = "0"] = /^(\^|>=)(\d+)(?:\.(\d+))?$/.exec(part) ?? [];
    if (major === Number(from)) return minor >= Number(least);
    return sign === ">=" && major > Number(from);
  });
}
