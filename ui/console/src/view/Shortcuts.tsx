import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Dialog } from './Dialog';
import { shortcuts } from './keys';

export function Keys({ keys }: { keys: string[] }) {
  return (
    <span className="keys">
      {keys.map((k) => (
        <kbd key={k}>{k}</kbd>
      ))}
    </span>
  );
}

export function Shortcuts({ open, close }: { open: boolean; close(): void }) {
  const { t } = useTranslation();
  return (
    <Dialog open={open} close={close} title={t('keys.title')}>
      <ShortcutList all />
      <Button block data-first onClick={close}>
        {t('close')}
      </Button>
    </Dialog>
  );
}

export function ShortcutList({ all = false }: { all?: boolean }) {
  const { t } = useTranslation();
  return (
    <dl className="shortcuts">
      {(all ? shortcuts : shortcuts.slice(0, 6)).map((s) => (
        <div key={s.what}>
          <dt>
            <Keys keys={s.keys} />
          </dt>
          <dd>{t(`keys.${s.what}`)}</dd>
        </div>
      ))}
    </dl>
  );
}
