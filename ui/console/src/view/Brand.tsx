import { useTranslation } from 'react-i18next';

export function Brand({ whole = false }: { whole?: boolean }) {
  const { t } = useTranslation();
  return (
    <span className="brand">
      <img src="/desk/icon.svg" alt="" width={36} height={36} />
      <strong>{t('brand')}</strong>
      {whole && <span>{t('desk')}</span>}
    </span>
  );
}
