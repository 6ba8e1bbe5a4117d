import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RealServicesError } from "../errors.ts";
import { guardComposeFiles } from "./file-guard.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "real-services-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string | Buffer>>): string[] {
  return Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  });
}

/** Guards the first file only; the others are there to be reached from it. */
async function guard(files: Readonly<Record<string, string | Buffer>>, allowRemote = false) {
  const [first = ""] = write(files);
  try {
    await guardComposeFiles([first], allowRemote);
    return "accepted";
  } catch (error) {
    if (!(error instanceof RealServicesError)) throw error;
    expect(error.hint).toBeTruthy();
    return error.code;
  }
}

/** Ten levels of nine: 3,486,784,401 words out of 300 bytes. */
const BOMB = [
  "x-0: &a0 [lol, lol, lol]",
  ...Array.from(
    { length: 20 },
    (_, level) => `x-${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(9)}]`,
  ),
  "services: { a: { image: a } }",
].join("\n");
const TOO_LARGE = "REAL_SERVICES_COMPOSE_FILE_TOO_LARGE";
const REMOTE = "REAL_SERVICES_REMOTE_INCLUDE";
const stack = (text: string) => `services: { a: { image: a } }\n${text}\n`;

describe("accepted", () => {
  test.each<[string, Record<string, string | Buffer>]>([
    ["a plain file", { "c.yml": stack("") }],
    ["an empty one", { "c.yml": "" }],
    [
      "anchors as people use them",
      {
        "c.yml": [
          "x-common: &common { restart: always, logging: &logging { driver: local } }",
          "x-env: &env { A: '1', B: '2' }",
          "services:",
          ...Array.from(
            { length: 200 },
            (_, index) =>
              `  s${index}: { <<: *common, image: i, environment: { <<: *env, C: '3' }, logging: *logging }`,
          ),
        ].join("\n"),
      },
    ],
    ["an anchor that contains itself: Compose's to refuse", { "c.yml": "x: &a [*a, *a]" }],
    ["invalid YAML: Compose's to refuse", { "c.yml": "services: [\nx: &a\n- *a\n  b" }],
    ["a large file without aliases", { "c.yml": stack(`# ${"x".repeat(900_000)}`) }],
    ["ampersands and stars that are no aliases", { "c.yml": stack('x: "a & b * c && d"') }],
    ["an included file that is not there", { "c.yml": stack("include: [missing.yml]") }],
    [
      "includes in a circle",
      { "c.yml": stack("include: [d.yml]"), "d.yml": stack("include: [c.yml]") },
    ],
    [
      "many included files",
      {
        "a/c.yml": stack(
          `include:\n${Array.from({ length: 150 }, (_, n) => `  - ${n}.yml`).join("\n")}`,
        ),
        ...Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`a/${n}.yml`, stack("")])),
      },
    ],
    [
      "an address that is not included",
      { "c.yml": stack("x-docs: https://example.com/include.yml") },
    ],
  ])("%s", async (_case, files) => {
    expect(await guard(files)).toBe("accepted");
  });

  test("files that do not exist: Compose's to refuse", async () => {
    await expect(guardComposeFiles([join(folder, "missing.yml")], false)).resolves.toBeUndefined();
    await expect(guardComposeFiles([folder], false)).resolves.toBeUndefined();
  });
});

describe("an alias bomb is refused wherever it hides", () => {
  const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le");
  test.each<[string, Record<string, string | Buffer>]>([
    ["in the file itself", { "c.yml": BOMB }],
    [
      "one big anchor, many times",
      {
        "c.yml": `x: &a [${"1, ".repeat(2_000)}]\ny: [${"*a, ".repeat(2_000)}]`,
      },
    ],
    ["under merge keys", { "c.yml": BOMB.replaceAll("[*", "[{ <<: *").replaceAll(", ]", "}]") }],
    ["in the second document", { "c.yml": `${stack("")}---\n${BOMB}` }],
    ["in UTF-16", { "c.yml": utf16(BOMB) }],
    ["in UTF-16, the other way round", { "c.yml": utf16(BOMB).swap16() }],
    ["behind a byte order mark", { "c.yml": `\uFEFF${BOMB}` }],
    ["in an included file", { "c.yml": stack("include: [b.yml]"), "b.yml": BOMB }],
    [
      "in an included file, in the long form",
      {
        "c.yml": stack("include:\n  - path: [ok.yml, sub/b.yml]"),
        "sub/b.yml": BOMB,
      },
    ],
    [
      "at the end of a chain of includes",
      {
        "c.yml": stack("include: [sub/d.yml]"),
        "sub/d.yml": stack("include: [../e.yml]"),
        "e.yml": stack("include: [b.yml]"),
        "b.yml": BOMB,
      },
    ],
    [
      "relative to an included project's folder",
      {
        "c.yml": stack("include:\n  - { path: sub/d.yml, project_directory: other }"),
        "sub/d.yml": stack("include: [b.yml]"),
        "other/b.yml": BOMB,
      },
    ],
    [
      "in an extended file",
      {
        "c.yml": "services: { a: { extends: { file: b.yml, service: a } } }",
        "b.yml": BOMB,
      },
    ],
    ["behind an aliased include", { "c.yml": stack("x: &i [b.yml]\ninclude: *i"), "b.yml": BOMB }],
    [
      "behind a merged include",
      {
        "c.yml": stack("x: &i { include: [b.yml] }\n<<: *i"),
        "b.yml": BOMB,
      },
    ],
    [
      "behind a merged extends",
      {
        "c.yml": "x: &x { extends: { file: b.yml, service: a } }\nservices: { a: { <<: [*x] } }",
        "b.yml": BOMB,
      },
    ],
    ["behind a key with an escape", { "c.yml": stack('"incl\\u0075de": [b.yml]'), "b.yml": BOMB }],
  ])("%s", async (_case, files) => {
    expect(await guard(files)).toBe(TOO_LARGE);
  });
});

describe("what is too much for the guard itself is refused as well, at once", () => {
  test.each<[string, string]>([
    ["more than a mebibyte", `# ${"x".repeat(1024 * 1024)}`],
    ["much text with aliases", `x: &a 1\n${"- *a\n".repeat(50_000)}`],
    ["deep brackets", `x: &a ${"[".repeat(50_000)}\ny: *a`],
    ["deep braces", `x: &a ${"{a: ".repeat(20_000)}\ny: *a`],
  ])("%s", async (_case, text) => {
    expect(await guard({ "c.yml": text })).toBe(TOO_LARGE);
  });

  test("more files than anybody has", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 201 }, (_, n) => [`${n}.yml`, stack(`include: [${n + 1}.yml]`)]),
    );
    expect(await guard(files)).toBe(TOO_LARGE);
  });
});

describe("a file from elsewhere", () => {
  test.each([
    "oci://example.com/stack:1",
    "https://example.com/compose.yml",
    "http://example.com/compose.yml",
    "git@github.com:acme/stack.git",
    "git://example.com/stack",
    "ssh://git@example.com/stack",
    "github.com/acme/stack",
    "https://example.com/stack.git#main:sub",
  ])("%s is refused in include and extends, unless allowed", async (name) => {
    const include = { "c.yml": stack(`include:\n  - "${name}"`) };
    const long = { "c.yml": stack(`include:\n  - path: ["${name}"]`) };
    const extend = { "c.yml": `services: { a: { extends: { file: "${name}", service: a } } }` };
    for (const files of [include, long, extend]) {
      expect(await guard(files)).toBe(REMOTE);
      expect(await guard(files, true)).toBe("accepted");
    }
  });

  test("is refused behind local files too, and the error names both", async () => {
    const name = "oci://example.com/stack";
    const files = write({
      "c.yml": stack("include: [d.yml]"),
      "d.yml": stack(`include: ["${name}"]`),
    });
    await expect(guardComposeFiles(files.slice(0, 1), false)).rejects.toMatchObject({
      code: REMOTE,
      received: name,
      message: expect.stringContaining(join(folder, "d.yml")),
    });
  });
});
