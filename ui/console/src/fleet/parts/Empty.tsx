import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useWhy } from '../context';

interface Props {
  title: string;
  lead?: ReactNode;
  children?: ReactNode;
}

// Empty is what a screen says when there is nothing to show, and what can be done about it.
export function Empty({ title, lead, children }: Props) {
  return (
    <div className="empty">
      <svg width="56" height="72" viewBox="0 0 56 72" aria-hidden="true">
        <path d="M6 18h44M10 18v50h36V18M16 28h24v20H16zM28 4l20 14H8z" />
        <path d="M22 56h12" />
      </svg>
      <strong>{title}</strong>
      {lead && <p className="soft">{lead}</p>}
      {children}
    </div>
  );
}

export function Failure({ title, lead, error, again }: { title?: string; lead?: string; error?: unknown; again?(): void }) {
  const { t } = useTranslation();
  const why = useWhy();
  return (
    <div role="alert">
      <Empty title={title ?? t('failed.title')} lead={lead ?? why(error)}>
        {again && <Button onClick={again}>{t('failed.again')}</Button>}
      </Empty>
    </div>
  );
}
