import { useTranslation } from 'react-i18next';
import { known } from '../words';
import type { Change } from './diff';
import { valueText } from './value';

// Changes shows what differs, field by field; taken away is struck through, put in is set off: not by colour alone.
export function Changes({ list }: { list: Change[] }) {
  const { t } = useTranslation();
  return (
    <table className="changes">
      <thead>
        <tr>
          <th>{t('twin.field')}</th>
          <th>{t('twin.before')}</th>
          <th>{t('twin.after')}</th>
        </tr>
      </thead>
      <tbody>
        {list.map((c) => (
          <tr key={c.field}>
            <th scope="row">{known(t, 'twin.name', c.field)}</th>
            <td>
              <del>{valueText(t, c.field, c.before)}</del>
            </td>
            <td>
              <ins>{valueText(t, c.field, c.after)}</ins>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
