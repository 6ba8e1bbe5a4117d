/** The engine behind ssh and behind TLS: another way to the same engine, in front of which we stand. */

import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { createServer, type TLSSocket } from "node:tls";
import { execa } from "execa";
import { afterEach, expect, test, vi } from "vitest";
import { expectNothingLeft } from "./engine-state.ts";
import { eventually, PEER_IMAGE, refusal, Scenario } from "./scenario.ts";
import { isKeptAlive } from "./tcp-timer.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const STACK = {
  "compose.yaml": `services: { web: { image: "${PEER_IMAGE}", ports: ["8000"], configs: [greeting] } }
configs: { greeting: { content: hello } }`,
};
const SOCKET = "/var/run/docker.sock";

/** Everything that goes another way than the rest: calls, an archive, a stream of events, logs, exec. */
async function runCopy(scenario: Scenario, whileItRuns?: () => Promise<unknown>): Promise<void> {
  const manager = scenario.manager({ host: "127.0.0.1", bindAddress: "127.0.0.1" });
  const { name, id, services } = await manager.acquireEnvironment();
  await manager.waitForServices();
  expect((await fetch(`${services["web"]?.url}/`)).status).toBe(200);
  await whileItRuns?.();
  await manager.releaseEnvironment(name);
  await expectNothingLeft([id]);
}

test("over ssh, with the user's own ssh", async () => {
  await using scenario = new Scenario(STACK);
  scenario.write(
    "bin/ssh",
    `#!/bin/sh
echo "$*" >> '${scenario.folder}/calls'
while [ "$1" != -- ]; do shift; done
shift 2
unset DOCKER_HOST
exec sh -c "$*"
`,
    0o755,
  );
  vi.stubEnv("PATH", [join(scenario.folder, "bin"), process.env["PATH"]].join(delimiter));
  vi.stubEnv("DOCKER_HOST", "ssh://deploy@engine.example:2222");
  await runCopy(scenario);
  expect(scenario.read("calls").split("\n")).toContain(
    "-o ConnectTimeout=30 -T -l deploy -p 2222 -- engine.example docker system dial-stdio",
  );
});

test("ssh that is refused says so in its own words", async () => {
  await using scenario = new Scenario(STACK);
  const ssh = "#!/bin/sh\necho 'Host key verification failed.' >&2\nexit 255\n";
  scenario.write("bin/ssh", ssh, 0o755);
  vi.stubEnv("PATH", [join(scenario.folder, "bin"), process.env["PATH"]].join(delimiter));
  vi.stubEnv("DOCKER_HOST", "ssh://engine.example");
  const error = await refusal(scenario.manager().listEnvironments());
  expect(error.code).toBe("REAL_SERVICES_NO_ENGINE");
  expect(error.message).toContain("Host key verification failed.");
});

test("over TLS, with certificates of both sides; its streams notice when the other side is gone", async () => {
  await using scenario = new Scenario(STACK);
  const folder = join(scenario.folder, "certificates");
  mkdirSync(folder);
  // One certificate that vouches for itself is enough for both sides.
  await execa("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
    ...["-subj", "/CN=engine", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"],
    ...["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")],
  ]);
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => readFileSync(join(folder, name)));
  scenario.write("certificates/ca.pem", String(cert));
  const clients = new Set<TLSSocket>();
  const server = createServer({ key, cert, ca: cert, requestCert: true }, (socket: TLSSocket) => {
    const engine = connect(SOCKET);
    clients.add(socket);
    socket.on("close", () => clients.delete(socket));
    socket.on("error", () => engine.destroy()).pipe(engine);
    engine.on("error", () => socket.destroy()).pipe(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("No port.");
  try {
    vi.stubEnv("DOCKER_HOST", `tcp://127.0.0.1:${address.port}`);
    vi.stubEnv("DOCKER_TLS_VERIFY", "1");
    vi.stubEnv("DOCKER_CERT_PATH", folder);
    const areKeptAlive = () => [...clients].map((one) => isKeptAlive(one.remotePort, address.port));
    await runCopy(scenario, async () => {
      if (process.platform !== "linux") return;
      // Of events and of the log: calls come and go.
      await eventually(areKeptAlive, (all) => all.length > 1 && !all.includes(false));
    });
  } finally {
    vi.unstubAllEnvs();
    server.close();
  }
});
