import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { aptInstall, aptUpdate, cacheFolder, machineMirror } from "./apt.js";
import { pipe, run, tryRun } from "./command.js";
import { engineImages } from "./engine-images.js";
import { distribution, isLinuxRoot } from "./operating-system.js";
import { SetupError } from "./report.js";

/** What all fixture images are built from. */
export const baseImage = "debian:bookworm-slim";

const release = "bookworm";
const pullTimeoutMs = 60_000;

/**
 * The base image: present, else pulled, else made from the distribution's packages, for machines
 * that reach a Debian mirror but no image registry.
 *
 * @param {(doing: string) => void} status
 */
export async function provideBaseImage(status) {
  if ((await engineImages()).has(baseImage)) return `found ${baseImage}`;
  status(`pulling ${baseImage}`);
  const refusal = await pull();
  if (!refusal) return `pulled ${baseImage}`;
  if (!isLinuxRoot() || distribution().id !== "debian") {
    throw new SetupError(
      `${baseImage} cannot be pulled, and only root on Debian can make it from packages. Give this machine access to a registry, or bring the image with \`docker load\`.\n${refusal}`,
    );
  }
  status(`making ${baseImage} by debootstrap`);
  await makeBaseImage();
  return `made ${baseImage} by debootstrap`;
}

async function pull() {
  try {
    await run(["docker", "pull", "--quiet", baseImage], { timeoutMs: pullTimeoutMs });
  } catch (error) {
    return error.message;
  }
}

async function makeBaseImage() {
  const { uri, keyring } = await machineMirror();
  if ((await tryRun(["debootstrap", "--version"])) === undefined) {
    await aptUpdate();
    await aptInstall(["debootstrap"]);
  }
  const root = join(cacheFolder, "base-image");
  // What an interrupted run left, its mounts first.
  await removeRoot(root);
  try {
    await writeSlimConfiguration(root);
    await run([
      "debootstrap",
      "--variant=minbase",
      ...(keyring ? [`--keyring=${keyring}`] : []),
      release,
      root,
      uri,
    ]);
    await rm(join(root, "var/cache/apt"), { recursive: true, force: true });
    await rm(join(root, "var/lib/apt/lists"), { recursive: true, force: true });
    // debootstrap uses and then removes this file itself: a package must not start its service.
    await writeFile(join(root, "usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n", { mode: 0o755 });
    await pipe(
      ["tar", "-C", root, "--numeric-owner", "-c", "."],
      [
        ...["docker", "import", "--message", "made by debootstrap"],
        ...["--change", "LABEL real-services.fixture=base", "--change", 'CMD ["bash"]'],
        ...["-", baseImage],
      ],
    );
  } finally {
    await removeRoot(root);
  }
}

async function removeRoot(root) {
  for (const mount of ["proc", "sys"]) await tryRun(["umount", join(root, mount)]);
  await run(["rm", "-rf", "--one-file-system", root]);
}

/**
 * What makes the official image slim, laid down before the first package is unpacked: no
 * documentation, no archive kept; and no fsync after each
 * file, which nobody needs in an image.
 */
async function writeSlimConfiguration(root) {
  const excluded = ["doc", "groff", "info", "linda", "lintian", "locale", "man"];
  const files = {
    "etc/dpkg/dpkg.cfg.d/docker": [
      "force-unsafe-io",
      ...excluded.map((folder) => `path-exclude /usr/share/${folder}/*`),
      "path-include /usr/share/doc/*/copyright",
      "path-include /usr/share/locale/locale.alias",
    ],
    "etc/apt/apt.conf.d/docker": [
      'APT::Install-Recommends "false";',
      'Acquire::Languages "none";',
      'Dir::Cache::pkgcache "";',
      'Dir::Cache::srcpkgcache "";',
      'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };',
    ],
  };
  for (const [name, lines] of Object.entries(files)) {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${lines.join("\n")}\n`);
  }
}
