// The claim code as fleet/claim.go has it: eight letters and digits, none of which is read as another.
export const letters = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
export const length = 8;

// clean takes a code as a person types or pastes it: any case, with spaces or dashes, or a whole link with the code in it.
export function clean(typed: string): string {
  const link = /[?&]code=([^&#\s]+)/i.exec(typed)?.[1];
  return (link ?? typed).toUpperCase().replace(/[\s\-–—_]/g, '');
}

// stranger is the first character that no code has, "" when all is well.
export const stranger = (code: string): string => [...code].find((c) => !letters.includes(c)) ?? '';

export const whole = (code: string): boolean => [...code].length === length && stranger(code) === '';

// grouped writes a code as the booth shows it: XXXX-XXXX.
export const grouped = (code: string): string => (code.length > 4 ? `${code.slice(0, 4)}-${code.slice(4)}` : code);

export const idForm = /^[a-z0-9][a-z0-9-]{0,63}$/;
