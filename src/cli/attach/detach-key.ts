/** A key that is pressed with Ctrl, as a terminal sends it: as a control character, or in the long forms of newer protocols. */
export interface DetachKey {
  /** For people: `ctrl-]`. */
  readonly name: string;
  readonly sequences: readonly Buffer[];
}

export const usualDetachKey = keyOf(']');

/** Undefined where it is no such key. */
export function parseDetachKey(text: string): DetachKey | undefined {
  const letter = /^(?:ctrl-|\^)([@-_a-z])$/i.exec(text)?.[1]?.toLowerCase();
  return letter === undefined ? undefined : keyOf(letter);
}

function keyOf(letter: string): DetachKey {
  const code = letter.charCodeAt(0);
  // What `CSI u` and xterm's modifyOtherKeys make of it, where a program has asked for one of them.
  const texts = [
    String.fromCharCode(letter.toUpperCase().charCodeAt(0) & 0x1f),
    `\x1b[${code};5u`,
    `\x1b[27;5;${code}~`,
  ];
  return { name: `ctrl-${letter}`, sequences: texts.map((sequence) => Buffer.from(sequence, 'latin1')) };
}

/** Where in the bytes the key was pressed; -1: nowhere. */
export function findKey(bytes: Uint8Array, { sequences }: DetachKey): number {
  const typed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places = sequences.map((sequence) => typed.indexOf(sequence)).filter((place) => place !== -1);
  return places.length === 0 ? -1 : Math.min(...places);
}
