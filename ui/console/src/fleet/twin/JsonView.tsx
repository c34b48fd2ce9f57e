import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Doc } from '../api/wire';
import { parse, same } from './diff';
import type { EditProps } from './Form';

const write = (d: Doc | null): string => JSON.stringify(d ?? {}, null, 2);

// JsonView is the same document as the form's, for those who paste.
export function JsonView({ twin, doc, set, wrong, may }: EditProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(write(doc));
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    // What was typed stays as it was typed while it means the same.
    setText((old) => {
      const was = parse(old);
      return typeof was !== 'string' && same(was, doc) ? old : write(doc);
    });
  }, [doc]);
  const change = (v: string): void => {
    setText(v);
    const d = parse(v);
    setTrouble(typeof d === 'string' ? t('twin.badJson', { why: d }) : '');
    if (typeof d !== 'string') set(d);
  };
  return (
    <div className="twin-json">
      <label className="card">
        <span>{t('twin.desired')}</span>
        <textarea spellCheck={false} readOnly={!may} value={text} onChange={(e) => change(e.target.value)} />
        <ul className="hot small" role="alert">
          {trouble && <li>{trouble}</li>}
          {!trouble && [...wrong].map(([f, p]) => <li key={f}>{t('twin.bad', { field: f, why: t(p.key, p.with) })}</li>)}
        </ul>
      </label>
      <div className="card">
        <span>{t('twin.reported')}</span>
        <pre>{write(twin.reported)}</pre>
      </div>
    </div>
  );
}
