// The second implementation of RFC 8785 that the tests compare with: ECMAScript's own numbers, strings and sort order.
//   numbers FILE    a line of 16 hexadecimal digits a double → the number as ECMAScript prints it
//   documents FILE  a line of JSON → its canonical form
import {readFileSync} from "node:fs";

const [, , what, file] = process.argv;

function canonical(value) {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return "{" + Object.keys(value).sort().map((name) => JSON.stringify(name) + ":" + canonical(value[name])).join(",") + "}";
}

function number(hex) {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt("0x" + hex));
  return JSON.stringify(view.getFloat64(0));
}

const lines = readFileSync(file, "utf8").split("\n").filter((line) => line !== "");
process.stdout.write(lines.map(what === "numbers" ? number : (line) => canonical(JSON.parse(line))).join("\n") + "\n");
