import { useMutation } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Booking, find } from '../api/core';
import type { Contact } from '../desk/protocol';
import { useWhy } from './context';
import { MagnifyingGlassIcon } from './icons';

export const digits = (text: string, most: number): string => text.normalize('NFKC').replace(/\D/g, '').slice(0, most);

// told is a number of that many digits which the bot already learnt.
const told = (contact: Contact, length: number): string =>
  contact.slots.map((s) => digits(s.value, length + 1)).find((d) => d.length === length) ?? '';

export function BookingFind({ contact, found }: { contact: Contact; found(b: Booking): void }) {
  const { t } = useTranslation();
  const why = useWhy();
  const [number, setNumber] = useState(() => told(contact, 8));
  const [code, setCode] = useState(() => told(contact, 4));
  const search = useMutation({ mutationFn: find, onSuccess: found });
  const whole = number.length === 8 && code.length === 4;
  return (
    <form
      className="find"
      onSubmit={(e) => {
        e.preventDefault();
        if (whole) search.mutate({ number, code });
      }}
    >
      <h2>{t('booking.find')}</h2>
      <div className="find-row">
        <label>
          <span>{t('booking.number')}</span>
          <Input
            className="digits"
            inputMode="numeric"
            autoComplete="off"
            value={number}
            placeholder={t('booking.numberHint')}
            onChange={(e) => setNumber(digits(e.target.value, 8))}
          />
        </label>
        <label>
          <span>{t('booking.code')}</span>
          <Input
            className="digits"
            inputMode="numeric"
            autoComplete="off"
            value={code}
            placeholder={t('booking.codeHint')}
            onChange={(e) => setCode(digits(e.target.value, 4))}
          />
        </label>
        <Button
          htmlType="submit"
          disabled={!whole}
          loading={search.isPending}
          icon={<MagnifyingGlassIcon size={16} />}
          aria-label={t('booking.go')}
        />
      </div>
      <p className="trouble" role="alert">
        {search.isError ? why(search.error) : ''}
      </p>
    </form>
  );
}
