import { execa } from "execa";
import { PEER_IMAGE } from "./scenario.ts";

/** What the peer image needs to run and nothing else: a tenth of its size, for an engine that has to be given it. */
export async function peerRootfs(): Promise<Buffer> {
  const script = `exec tar -ch $(ldd /usr/bin/perl | grep -o '/[^ ]*') /usr/bin/perl /usr/lib/*/perl-base /usr/local/bin/peer`;
  const { stdout } = await execa("docker", ["run", "--rm", PEER_IMAGE, "sh", "-c", script], {
    encoding: "buffer",
  });
  return Buffer.from(stdout);
}

/** What its image runs. */
export const PEER_COMMAND = ["/usr/local/bin/peer"];
