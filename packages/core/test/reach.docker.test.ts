/** What the caller may open: ports the file does not publish, the test process, another address, files from elsewhere. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, expect, test, vi } from "vitest";
import { Registry } from "./registry.ts";
import { inspect, PEER_IMAGE, refusal, Scenario } from "./scenario.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Elsewhere the host has one loopback address only, and Compose takes certificates from the system. */
const onLinux = test.skipIf(process.platform !== "linux");

onLinux(
  "`publish`, `hostAccess` and `bindAddress` do what they say, and nothing is open without them",
  async () => {
    const caller = createServer((_request, response) => response.end("the test process"));
    caller.listen(0, "0.0.0.0");
    await once(caller, "listening");
    const address = caller.address();
    const port = typeof address === "string" ? undefined : address?.port;
    await using scenario = new Scenario({
      "compose.yaml": `services: { web: { image: "${PEER_IMAGE}" }, plain: { image: "${PEER_IMAGE}" } }`,
    });
    try {
      const [open, closed] = [scenario.manager(), scenario.manager()];
      const [environment, other] = await Promise.all([
        open.acquireEnvironment({
          publish: { web: [8000] },
          hostAccess: true,
          bindAddress: "127.0.0.2",
        }),
        closed.acquireEnvironment(),
      ]);
      await Promise.all([open.waitForServices(), closed.waitForServices()]);
      const { web, plain } = environment.services;
      expect(web?.url).toMatch(/^http:\/\/127\.0\.0\.2:3\d{4}$/);
      expect(plain?.ports).toEqual([]);
      const asked = await fetch(`${web?.url}/ask/host.docker.internal/${port}`);
      expect(await asked.text()).toBe("the test process");
      // The loopback address that everybody else uses stays free.
      await expect(fetch(`http://127.0.0.1:${web?.port}/`)).rejects.toThrow();

      expect(other.services["web"]?.ports).toEqual([]);
      const container = other.services["web"]?.containers[0] ?? "";
      expect(await inspect(container, "json .HostConfig.PortBindings")).toBe("{}");
      expect(await inspect(container, "json .HostConfig.ExtraHosts")).not.toContain("host-gateway");
      await open.releaseEnvironment(environment.name);
      await closed.releaseEnvironment(other.name);
    } finally {
      caller.close();
    }
    await scenario.expectNothingLeft();
  },
);

onLinux("an include from elsewhere is read only when it is allowed", async () => {
  await using scenario = new Scenario({});
  const own = (name: string) => join(scenario.folder, name);
  await execa("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"],
    ...["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", own("key"), "-out", own("cert")],
  ]);
  const tls = { key: readFileSync(own("key")), cert: readFileSync(own("cert")) };
  await using registry = await Registry.start({ tls });
  const stack = registry.addStack("stack:1", `services: { far: { image: "${PEER_IMAGE}" } }`);
  scenario.write(
    "compose.yaml",
    `include: ["${stack}"]\nservices: { near: { image: "${PEER_IMAGE}" } }`,
  );
  // Compose trusts that registry, and keeps what it has read in a folder of this test.
  vi.stubEnv("SSL_CERT_FILE", own("cert"));
  vi.stubEnv("XDG_CACHE_HOME", own("cache"));
  const error = await refusal(scenario.manager().resolveStack());
  expect(error).toMatchObject({ code: "REAL_SERVICES_REMOTE_INCLUDE", received: stack });
  const { services } = await scenario.manager().resolveStack({ allowRemoteIncludes: true });
  expect(services.toSorted()).toEqual(["far", "near"]);
});
