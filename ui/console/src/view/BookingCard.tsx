import { useMutation } from '@tanstack/react-query';
import { Button } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Booking, cancel, type Place } from '../api/core';
import { ulid } from '../api/http';
import { useWhy } from './context';
import { dateName } from './time';

export function placeName(places: Place[], id: string, lang: string): string {
  return places.find((p) => p.id === id)?.name[lang] ?? id;
}

interface Props {
  booking: Booking;
  places: Place[];
  fresh?: boolean; // just made: its number is for the citizen
  changed(b: Booking): void;
  change?(): void;
}

export function BookingCard({ booking: b, places, fresh = false, changed, change }: Props) {
  const { t, i18n } = useTranslation();
  const why = useWhy();
  const [sure, setSure] = useState(false);
  const key = useRef(''); // one per wish to cancel: pressing again after silence cannot act twice
  const drop = useMutation({ mutationFn: () => cancel(b, (key.current ||= ulid())), onSuccess: changed });
  const valid = b.status === 'confirmed';
  return (
    <article className={`ticket${valid ? '' : ' ticket-off'}`}>
      <header>
        <strong>{placeName(places, b.place, i18n.language)}</strong>
        <span className="chip">{t(valid ? 'booking.confirmed' : 'booking.cancelled')}</span>
      </header>
      <p>
        {dateName(b.date, i18n.language)} · {t(`booking.${b.session}`)} {b.from}–{b.to} · {t('booking.ticketCount', { count: b.tickets })}
      </p>
      <dl className="ticket-numbers">
        <div>
          <dt>{t('booking.number')}</dt>
          <dd>{b.number.replace(/(\d{4})(?=\d)/g, '$1 ')}</dd>
        </div>
        <div>
          <dt>{t('booking.code')}</dt>
          <dd>{b.code}</dd>
        </div>
      </dl>
      {fresh && <p className="soft small">{t('booking.sayNumber')}</p>}
      {valid && !sure && (
        <div className="ticket-buttons">
          <Button onClick={() => setSure(true)}>{t('booking.cancel')}</Button>
          {change && (
            <Button type="primary" onClick={change}>
              {t('booking.change')}
            </Button>
          )}
        </div>
      )}
      {valid && sure && (
        <div className="ticket-sure" role="group" aria-label={t('booking.cancel')}>
          <p>{t('booking.cancelAsk')}</p>
          <div className="ticket-buttons">
            <Button autoFocus onClick={() => setSure(false)}>
              {t('booking.keep')}
            </Button>
            <Button danger loading={drop.isPending} onClick={() => drop.mutate()}>
              {t('booking.cancelYes')}
            </Button>
          </div>
          <p className="trouble" role="alert">
            {drop.isError ? why(drop.error) : ''}
          </p>
        </div>
      )}
    </article>
  );
}
