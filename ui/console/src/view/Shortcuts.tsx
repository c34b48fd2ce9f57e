import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
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
    <Modal open={open} onCancel={close} footer={null} title={t('keys.title')} width={460} closable={{ 'aria-label': t('close') }}>
      <ShortcutList all />
    </Modal>
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
