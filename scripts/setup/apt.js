import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run, tryRun } from "./command.js";
import { distribution } from "./operating-system.js";

/** Only root comes here, so a folder of root's own: /tmp could be prepared by somebody else. */
export const cacheFolder = "/var/cache/real-services";

const noninteractive = { DEBIAN_FRONTEND: "noninteractive" };
/** Another apt may be at work, unattended-upgrades for one: wait for it instead of failing. */
const patient = ["-o", "DPkg::Lock::Timeout=120"];

/** Installs packages, given by name or as paths of `.deb` files, from the machine's own sources. */
export async function aptInstall(packages) {
  // An interrupted dpkg refuses all work until this has been done; otherwise it does nothing.
  await run(["dpkg", "--configure", "-a"], { env: noninteractive });
  await run(
    ["apt-get", ...patient, "install", "-q", "-y", "--no-install-recommends", ...packages],
    { env: noninteractive },
  );
}

/** Fetches the lists of the machine's own sources. */
export const aptUpdate = () => run(["apt-get", ...patient, "update", "-q"]);

/** Whether the machine's own sources have this package. */
export async function aptHas(name) {
  const policy = await tryRun(["apt-cache", "policy", name], { env: { LC_ALL: "C" } });
  return /Candidate: (?!\(none\))/.test(policy ?? "");
}

/**
 * The mirror that this machine gets its distribution from, and the key that signs it. apt itself
 * is asked, so both formats of its sources and all their options are understood.
 */
export async function machineMirror() {
  const { codename } = distribution();
  const targets = await run([
    "apt-get",
    "indextargets",
    "--format",
    "$(RELEASE)|$(COMPONENT)|$(REPO_URI)|$(SIGNED_BY)",
    "Created-By: Packages",
  ]);
  for (const target of targets.split("\n")) {
    const [release, component, uri, signedBy] = target.split("|");
    if (release !== codename || component !== "main") continue;
    // apt leaves the placeholder in place when a source names no key of its own.
    return { uri, keyring: signedBy?.startsWith("/") ? signedBy : undefined };
  }
  throw new Error(`None of this machine's apt sources has "${codename} main".`);
}

/**
 * Downloads packages of another release. Its index never enters the machine's own lists, from
 * where apt would offer upgrades to that release for good.
 *
 * @returns {Promise<string[]>} the paths of the `.deb` files
 */
export async function downloadFromRelease(release, packages) {
  const { uri, keyring } = await machineMirror();
  const folder = join(cacheFolder, release);
  await mkdir(join(folder, "lists", "partial"), { recursive: true });
  const archives = await mkdtemp(join(folder, "archives-"));
  const source = join(folder, "sources.list");
  await writeFile(
    source,
    `deb ${keyring ? `[signed-by=${keyring}] ` : ""}${uri} ${release} main\n`,
  );
  const apt = [
    "apt-get",
    ...["-o", `Dir::Etc::SourceList=${source}`, "-o", "Dir::Etc::SourceParts=/dev/null"],
    ...["-o", `Dir::State::Lists=${join(folder, "lists")}`],
    ...["-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache="],
    // The folder is root's alone, so apt's unprivileged downloader could not write to it.
    ...["-o", "APT::Sandbox::User=root", "-q"],
    // A mirror may stand still, and an index only says for a week that it is current. What it
    // signs is signed all the same.
    ...["-o", "Acquire::Check-Valid-Until=false"],
  ];
  await run([...apt, "update"]);
  await run([...apt, "download", ...packages], { cwd: archives });
  return (await readdir(archives)).map((file) => join(archives, file));
}
