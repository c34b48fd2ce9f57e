import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { booth as readBooth } from '../api/fleet';
import type { Booth } from '../api/wire';
import { useBoothNews } from '../booth/news';
import { coreNow, lasting, useNow } from '../format';
import { CheckCircleIcon } from '../icons';
import { State } from '../parts/Presence';
import { go } from '../route';

const long = 45_000;

// Coming waits with the operator until the booth that was just claimed is online.
export function Coming({ booth: claimed, again }: { booth: Booth; again(): void }) {
  const { t } = useTranslation();
  const now = useNow(1000);
  const [since] = useState(coreNow);
  const q = useQuery({ queryKey: ['booth', claimed.id], queryFn: ({ signal }) => readBooth(claimed.id, signal), initialData: claimed, refetchInterval: 3_000 });
  useBoothNews(claimed.id);
  const b = q.data;
  const on = b.presence === 'online';
  const waited = now - since;
  return (
    <div className="page claim">
      <section className={`coming card ${on ? 'coming-on' : ''}`} role="status">
        {on ? <CheckCircleIcon size={56} weight="fill" /> : <span className="coming-wait" />}
        <h2 className="big">{on ? t('claim.online') : t('claim.done', { name: b.name || b.id })}</h2>
        <p className="soft">{on ? t('claim.onlineLead') : waited > long ? t('claim.slow', { time: lasting(waited) }) : t('claim.waiting')}</p>
        <p className="coming-booth">
          <strong>{b.name || b.id}</strong> <code>{b.id}</code> <State booth={b} now={now} />
        </p>
        <div className="sheet-buttons">
          <Button onClick={again}>{t('claim.another')}</Button>
          <Button type="primary" onClick={() => go(`booths/${encodeURIComponent(b.id)}`)}>
            {t('claim.open')}
          </Button>
        </div>
      </section>
    </div>
  );
}
