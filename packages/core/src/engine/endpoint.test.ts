import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { currentContext, parseEndpoint } from "./endpoint.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "real-services-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the words of DOCKER_HOST", () => {
  test.each([
    ["unix:///var/run/docker.sock", { socketPath: "/var/run/docker.sock" }],
    ["npipe:////./pipe/docker_engine", { socketPath: "//./pipe/docker_engine" }],
    ["tcp://10.0.0.7:2375", { protocol: "http", host: "10.0.0.7", port: 2375 }],
    ["tcp://docker", { protocol: "http", host: "docker", port: 2375 }],
    ["http://docker:8080", { protocol: "http", host: "docker", port: 8080 }],
    ["ssh://me@host", { protocol: "ssh", host: "host", port: 22, username: "me" }],
    ["ssh://me@host:2222", { protocol: "ssh", host: "host", port: 2222, username: "me" }],
  ])("%s", (url, connection) => {
    const endpoint = parseEndpoint(url, "DOCKER_HOST", {});
    expect(endpoint).toEqual({
      url,
      source: "DOCKER_HOST",
      cliEnv: { DOCKER_HOST: url },
      connection,
    });
  });

  test.each(["docker.sock", "/var/run/docker.sock", "unix://", "ftp://host", "tcp://"])(
    "%s makes no sense",
    (url) => {
      expect(() => parseEndpoint(url, "DOCKER_HOST", {})).toThrow(
        expect.objectContaining({ code: "REAL_SERVICES_NO_ENGINE", received: url }),
      );
    },
  );

  test("TLS when the address or DOCKER_TLS_VERIFY says so, with the certificates of DOCKER_CERT_PATH", () => {
    for (const name of ["ca", "cert", "key"]) writeFileSync(join(folder, `${name}.pem`), name);
    const env = { DOCKER_CERT_PATH: folder };
    const tls = { protocol: "https", port: 2376, ca: Buffer.from("ca"), key: Buffer.from("key") };
    const connect = (url: string, more: NodeJS.ProcessEnv) =>
      parseEndpoint(url, "DOCKER_HOST", { ...env, ...more }).connection;
    expect(connect("tcp://host", { DOCKER_TLS_VERIFY: "1" })).toMatchObject(tls);
    expect(connect("https://host", {})).toMatchObject(tls);
    for (const off of ["", "0"]) {
      expect(connect("tcp://host", { DOCKER_TLS_VERIFY: off })).toMatchObject({ protocol: "http" });
    }
  });
});

describe("docker's context", () => {
  test.each([
    ["the variable", { DOCKER_CONTEXT: "remote" }, undefined, "remote"],
    ["the variable wins", { DOCKER_CONTEXT: "remote" }, '{"currentContext":"other"}', "remote"],
    ["the configuration", {}, '{"currentContext":"colima"}', "colima"],
    ["the default one", {}, '{"currentContext":"default"}', undefined],
    ["named default by the variable", { DOCKER_CONTEXT: "default" }, undefined, undefined],
    ["a configuration without one", {}, '{"auths":{}}', undefined],
    ["a broken configuration", {}, "{", undefined],
    ["no configuration", {}, undefined, undefined],
  ])("%s", (_case, env, config, name) => {
    if (config !== undefined) writeFileSync(join(folder, "config.json"), config);
    expect(currentContext({ ...env, DOCKER_CONFIG: folder })).toBe(name);
  });
});
