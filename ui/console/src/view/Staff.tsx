import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Skeleton } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Account, accounts } from '../api/staff';
import { known, languageName } from '../i18n';
import { useWhy } from './context';
import { Dialog } from './Dialog';
import { PlusIcon } from './icons';
import { StaffForm } from './StaffForm';

// Staff is the list of accounts, for administrators. What is changed holds at once; sessions end with a new password.
export default function Staff({ me }: { me: string }) {
  const { t, i18n } = useTranslation();
  const why = useWhy();
  const client = useQueryClient();
  const [open, setOpen] = useState<Account | 'new' | null>(null);
  const list = useQuery({ queryKey: ['staff'], queryFn: ({ signal }) => accounts(signal) });
  const done = (): void => {
    setOpen(null);
    void client.invalidateQueries({ queryKey: ['staff'] });
  };
  const one = open === 'new' || open === null ? undefined : open;
  return (
    <section className="card staff" aria-label={t('staff.title')}>
      <div className="staff-head">
        <h2>{t('staff.title')}</h2>
        <Button type="primary" icon={<PlusIcon size={16} weight="bold" />} onClick={() => setOpen('new')}>
          {t('staff.add')}
        </Button>
      </div>
      {list.isPending && <Skeleton active paragraph={{ rows: 6 }} title={false} />}
      {list.isError && <p role="alert">{why(list.error)}</p>}
      {list.isSuccess && (
        <div className="staff-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{t('staff.user')}</th>
                <th scope="col">{t('staff.roles')}</th>
                <th scope="col">{t('staff.langs')}</th>
                <th scope="col">{t('staff.state')}</th>
                <th aria-hidden="true" />
              </tr>
            </thead>
            <tbody>
              {list.data.map((a) => (
                <tr key={a.user} className={a.disabled ? 'staff-off' : undefined}>
                  <th scope="row">
                    {a.user} {a.user === me && <small>{t('staff.me')}</small>}
                  </th>
                  <td>
                    {a.roles.map((r) => (
                      <span key={r} className="chip chip-role">
                        {known(t, 'staff.role', r)}
                      </span>
                    ))}
                  </td>
                  <td>{a.langs.map((l) => languageName(l, i18n.language)).join(' · ')}</td>
                  <td>{t(a.disabled ? 'staff.disabled' : 'staff.enabled')}</td>
                  <td>
                    <Button size="small" aria-label={t('staff.editOf', { user: a.user })} onClick={() => setOpen(a)}>
                      {t('staff.edit')}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Dialog open={open !== null} title={one ? t('staff.editOf', { user: one.user }) : t('staff.add')} close={() => setOpen(null)}>
        <StaffForm key={one?.user ?? ''} account={one} me={me} done={done} cancel={() => setOpen(null)} />
      </Dialog>
    </section>
  );
}
