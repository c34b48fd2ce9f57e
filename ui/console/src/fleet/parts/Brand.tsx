import { useTranslation } from 'react-i18next';

export function Brand({ whole = false }: { whole?: boolean }) {
  const { t } = useTranslation();
  return (
    <span className="brand">
      <img src="/fleet/icon.svg" alt="" width={whole ? 36 : 32} height={whole ? 36 : 32} />
      <strong>{t('brand')}</strong>
      {whole && <span>{t('fleet')}</span>}
    </span>
  );
}
