import { expect, test } from "vitest";
import { freePort } from "../process/free-port.js";
import { freePorts } from "./free-port.js";

test("are different, also when several ask at once, and below those of outgoing connections", async () => {
  const ports = (await Promise.all([freePorts(40), freePorts(40), freePorts(40)])).flat();
  expect(new Set(ports).size).toBe(120);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

test("come again only after all others of their range", async () => {
  const range = { first: 19_990, last: 19_993 };
  const ports: number[] = [];
  for (let index = 0; index < 8; index++) ports.push(await freePort("127.0.0.1", range));
  expect(ports.slice(0, 4).toSorted()).toEqual([19_990, 19_991, 19_992, 19_993]);
  expect(ports.slice(4)).toEqual(ports.slice(0, 4));
});
