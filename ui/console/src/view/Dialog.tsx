import { useEffect, useRef, type ReactNode } from 'react';

interface Props {
  open: boolean;
  title: string;
  close?(): void; // without it the dialog cannot be dismissed
  children: ReactNode;
}

// Dialog is the browser's own: it keeps the focus, knows Esc, and needs no style that the page's policy would refuse.
export function Dialog({ open, title, close, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && !box.current?.open) {
      box.current?.showModal();
      box.current?.querySelector<HTMLElement>('[data-first]')?.focus(); // not simply the first that could have it
    }
    if (!open) box.current?.close();
  }, [open]);
  return (
    <dialog
      ref={box}
      className="dialog"
      aria-label={title}
      onCancel={(e) => {
        e.preventDefault();
        close?.();
      }}
      onClick={(e) => {
        if (e.target === box.current) close?.(); // the backdrop
      }}
    >
      <div>
        <h1>{title}</h1>
        {open && children}
      </div>
    </dialog>
  );
}
