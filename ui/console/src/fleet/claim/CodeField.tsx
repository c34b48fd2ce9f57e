import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { clean, grouped, length, letters, stranger } from './code';

// CodeField is one input behind eight large cells: typing, pasting, erasing and screen readers work as in any field.
export function CodeField({ code, set, trouble }: { code: string; set(code: string): void; trouble: string }) {
  const { t } = useTranslation();
  const box = useRef<HTMLInputElement>(null);
  const odd = stranger(code);
  return (
    <div className="code">
      <label htmlFor="claim-code">{t('claim.code')}</label>
      <div className={`code-cells ${odd || trouble ? 'code-bad' : ''}`} onClick={() => box.current?.focus()}>
        <input
          ref={box}
          id="claim-code"
          autoFocus={code === ''}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          value={grouped(code)}
          aria-describedby="claim-code-hint"
          onChange={(e) => set(clean(e.target.value).slice(0, length))}
          onPaste={(e) => {
            e.preventDefault();
            set(clean(e.clipboardData.getData('text')).slice(0, length));
          }}
        />
        {Array.from({ length }, (_, i) => (
          <span key={i} aria-hidden="true" className={`${i === Math.min(code.length, length - 1) ? 'code-here' : ''} ${code[i] && !letters.includes(code[i]) ? 'code-odd' : ''} ${i === 4 ? 'code-second' : ''}`}>
            {code[i] ?? ''}
          </span>
        ))}
      </div>
      <p id="claim-code-hint" className={odd || trouble ? 'hot' : 'soft'} role={odd || trouble ? 'alert' : undefined}>
        {trouble || (odd ? t('claim.badLetter', { c: odd }) : t('claim.codeHint'))}
      </p>
    </div>
  );
}
