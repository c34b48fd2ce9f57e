import { useTranslation } from 'react-i18next';
import type { Slot } from '../desk/protocol';

export function SlotList({ slots }: { slots: Slot[] }) {
  const { t } = useTranslation();
  if (slots.length === 0) return <p className="soft small">{t('contact.noSlots')}</p>;
  return (
    <dl className="slots">
      {slots.map((s, i) => (
        <div key={`${s.label}${i}`}>
          <dt>{s.label}</dt>
          <dd>{s.value || '–'}</dd>
        </div>
      ))}
    </dl>
  );
}
