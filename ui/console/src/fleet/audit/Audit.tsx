import { Input } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { go } from '../route';
import { Audit as AuditList } from './AuditList';

export default function Audit({ search }: { search: URLSearchParams }) {
  const { t } = useTranslation();
  const booth = search.get('booth') ?? '';
  const actor = search.get('actor') ?? '';
  const set = (some: Record<string, string>): void => {
    const s = new URLSearchParams(Object.entries({ booth, actor, ...some }).filter(([, v]) => v !== ''));
    go(s.size ? `audit?${s}` : 'audit', true);
  };
  return (
    <div className="page audit">
      <header className="page-head">
        <div>
          <h2 className="big">{t('audit.title')}</h2>
          <p className="soft">{t('audit.lead')}</p>
        </div>
        <div className="filters">
          <Late label={t('audit.booth')} value={booth} set={(v) => set({ booth: v.toLowerCase() })} />
          <Late label={t('audit.actor')} value={actor} set={(v) => set({ actor: v })} />
        </div>
      </header>
      <AuditList booth={booth} actor={actor} />
    </div>
  );
}

// Late asks only when the typing has paused.
function Late({ label, value, set }: { label: string; value: string; set(v: string): void }) {
  const [text, setText] = useState(value);
  const timer = useRef(0);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <Input
      className="filter-pick"
      aria-label={label}
      placeholder={label}
      allowClear
      spellCheck={false}
      maxLength={64}
      value={text}
      onChange={(e) => {
        const v = e.target.value;
        setText(v);
        clearTimeout(timer.current);
        timer.current = window.setTimeout(() => set(v.trim()), 300);
      }}
    />
  );
}
