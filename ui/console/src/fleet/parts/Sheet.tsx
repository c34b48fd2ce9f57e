import { ConfigProvider } from 'antd';
import type { ReactNode } from 'react';
import { Dialog } from '../../view/Dialog';

// Sheet is a dialog whose lists and hints open inside of it: what hangs on the page's body would lie beneath the browser's own dialog.
export function Sheet({ open, title, close, children, wide = false }: { open: boolean; title: string; close(): void; children: ReactNode; wide?: boolean }) {
  return (
    <Dialog open={open} title={title} close={close}>
      <ConfigProvider getPopupContainer={(n) => n?.closest<HTMLElement>('.sheet') ?? document.body}>
        <div className={wide ? 'sheet sheet-wide' : 'sheet'}>{children}</div>
      </ConfigProvider>
    </Dialog>
  );
}
