import { Button, Input, type InputRef, Select } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Summary } from '../api/wire';
import { MagnifyingGlassIcon, XIcon } from '../icons';
import { districtName } from '../words';
import { all, type Filter, isAll } from './filter';

interface Props {
  summary: Summary | undefined;
  filter: Filter;
  set(f: Partial<Filter>, replace?: boolean): void;
}

export function Filters({ summary, filter, set }: Props) {
  const { t } = useTranslation();
  const groups = options(summary?.groups, filter.group, (v) => v);
  const districts = options(summary?.districts, filter.district, (v) => districtName(t, v));
  return (
    <div className="filters" role="search">
      <Search q={filter.q} set={(q) => set({ q }, true)} />
      <Select
        className="filter-pick"
        aria-label={t('booth.district')}
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        placeholder={t('booth.district')}
        value={filter.district || null}
        options={districts}
        onChange={(v: string | null) => set({ district: v ?? '' })}
      />
      <Select
        className="filter-pick"
        aria-label={t('booth.group')}
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        placeholder={t('booth.group')}
        value={filter.group || null}
        options={groups}
        onChange={(v: string | null) => set({ group: v ?? '' })}
      />
      {!isAll(filter) && (
        <Button type="text" icon={<XIcon size={14} />} onClick={() => set(all)}>
          {t('list.clear')}
        </Button>
      )}
    </div>
  );
}

const options = (values: string[] | null | undefined, chosen: string, label: (v: string) => string): { value: string; label: string }[] => {
  const found = (values ?? []).filter(Boolean);
  return (chosen && !found.includes(chosen) ? [chosen, ...found] : found).map((value) => ({ value, label: label(value) }));
};

const pause = 250;

function Search({ q, set }: { q: string; set(q: string): void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(q);
  const box = useRef<InputRef>(null);
  const timer = useRef(0);
  useEffect(() => setText(q), [q]);
  useEffect(() => {
    const press = (e: KeyboardEvent): void => {
      if (e.key !== '/' || (e.target instanceof HTMLElement && e.target.closest('input, textarea, [contenteditable]'))) return;
      e.preventDefault();
      box.current?.focus({ cursor: 'all' });
    };
    document.addEventListener('keydown', press);
    return () => {
      document.removeEventListener('keydown', press);
      clearTimeout(timer.current);
    };
  }, []);
  const change = (v: string, now = false): void => {
    setText(v);
    clearTimeout(timer.current);
    if (now) set(v.trim());
    else timer.current = window.setTimeout(() => set(v.trim()), pause);
  };
  return (
    <Input
      ref={box}
      className="filter-q"
      allowClear
      aria-label={t('list.search')}
      placeholder={t('list.search')}
      prefix={<MagnifyingGlassIcon size={16} />}
      suffix={text ? null : <kbd>/</kbd>}
      maxLength={100}
      spellCheck={false}
      value={text}
      onChange={(e) => change(e.target.value, e.target.value === '')}
      onPressEnter={() => change(text, true)}
      onKeyDown={(e) => {
        if (e.key === 'Escape') change('', true);
        if (e.key === 'ArrowDown') document.querySelector<HTMLElement>('.grid-body')?.focus();
      }}
    />
  );
}
