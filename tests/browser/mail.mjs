// The letters that Candor wrote into its folder.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { told } from "./launch.mjs";

// All letters so far, the oldest first: to whom, and the text as its reader sees it.
export function letters() {
  if (!existsSync(told.mail)) return [];
  const files = readdirSync(told.mail).filter((name) => name.endsWith(".eml")).map((name) => `${told.mail}/${name}`);
  files.sort((one, two) => statSync(one).mtimeMs - statSync(two).mtimeMs);
  return files.map((file) => {
    const [head, ...rest] = readFileSync(file, "utf8").split(/\r?\n\r?\n/);
    return { to: head.match(/^To: <?([^>\r\n]+)/m)?.[1], text: decoded(head, rest.join("\n\n")) };
  });
}

function decoded(head, body) {
  if (/content-transfer-encoding: base64/i.test(head)) return Buffer.from(body, "base64").toString();
  if (/content-transfer-encoding: quoted-printable/i.test(head)) {
    return body.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
  }
  return body;
}

// The newest link of a kind in the letters to an address, once there are so many.
export const link = (kind, address, number = 1) => written(new RegExp(`http://\\S+/account/${kind}/[\\w-]{43}\\S*`), address, number);

// The newest of what letters say to an address, once so many say it.
export async function written(wanted, address, number = 1) {
  for (let waited = 0; waited < 600; waited += 1) {
    const found = letters().filter((letter) => letter.to === address).map((letter) => letter.text.match(wanted)?.[0]).filter(Boolean);
    if (found.length >= number) return found.at(-1);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${address} got no letter with ${wanted}`);
}
