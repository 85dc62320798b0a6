/**
 * The hash that Pulumi gives to an archive made of assets: SHA-256 of a tar file with nothing but names and contents, so
 * that the same files have the same hash whoever made the archive.
 */
import { createHash } from "node:crypto";

const block = 512;

export class TarHash {
  readonly #hash = createHash("sha256");

  /** Files must come in the order of their names. */
  add(name: string, content: Buffer): void {
    this.#hash.update(headerOf(name, content.length));
    this.#hash.update(content);
    this.#hash.update(Buffer.alloc((block - (content.length % block)) % block));
  }

  end(): string {
    this.#hash.update(Buffer.alloc(2 * block));
    return this.#hash.digest("hex");
  }
}

/** USTAR; names that do not fit in it are cut, which is harmless in a hash that also covers the contents. */
function headerOf(name: string, size: number): Buffer {
  const header = Buffer.alloc(block);
  header.write(name, 0, 100);
  header.write("0000600\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  header.write(`${"0".repeat(11)}\0`, 136);
  header.write(" ".repeat(8), 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  header.write("0000000\0", 329);
  header.write("0000000\0", 337);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}
