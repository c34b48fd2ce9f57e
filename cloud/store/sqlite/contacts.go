package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/sqlite"
)

// Contacts implements contact.Store.
type Contacts struct{ db *sqlite.DB }

// NewContacts returns the store of contacts in db.
func NewContacts(db *sqlite.DB) *Contacts { return &Contacts{db} }

const contactColumns = `id, booth, place, kind, state, handoff, created_at, queued_at, answered_at, ended_at, agent, disposition, note, number, test`

// SaveContact implements contact.Store.
func (s *Contacts) SaveContact(ctx context.Context, c contact.Contact) error {
	words, err := json.Marshal(c.Handoff)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO contact (tenant, `+contactColumns+`, search)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (tenant, id) DO UPDATE SET booth = excluded.booth, place = excluded.place, kind = excluded.kind, state = excluded.state,
			handoff = excluded.handoff, created_at = excluded.created_at, queued_at = excluded.queued_at, answered_at = excluded.answered_at,
			ended_at = excluded.ended_at, agent = excluded.agent, disposition = excluded.disposition, note = excluded.note,
			number = excluded.number, test = excluded.test, search = excluded.search`,
			c.Tenant, c.ID, c.Booth, c.Place, c.Kind, c.State, string(words), instant(c.Times.Created), instant(c.Times.Queued),
			instant(c.Times.Answered), instant(c.Times.Ended), c.Agent, c.Disposition, c.Note, c.Number, c.Test, c.Words())
		if err != nil {
			return err
		}
		if err := addEvents(ctx, tx, c); err != nil {
			return err
		}
		return addTexts(ctx, tx, c)
	})
}

// addEvents stores what the timeline has more than the table.
func addEvents(ctx context.Context, tx *sql.Tx, c contact.Contact) error {
	var have int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM contact_event WHERE tenant = ? AND contact = ?`, c.Tenant, c.ID).Scan(&have)
	for n := have; err == nil && n < len(c.Timeline); n++ {
		e := c.Timeline[n]
		_, err = tx.ExecContext(ctx, `INSERT INTO contact_event (tenant, contact, n, at, kind, text) VALUES (?, ?, ?, ?, ?, ?)`,
			c.Tenant, c.ID, n, millis(e.At), e.Kind, e.Text)
	}
	return err
}

func addTexts(ctx context.Context, tx *sql.Tx, c contact.Contact) error {
	var have int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM contact_text WHERE tenant = ? AND contact = ?`, c.Tenant, c.ID).Scan(&have)
	for n := have; err == nil && n < len(c.Texts); n++ {
		t := c.Texts[n]
		_, err = tx.ExecContext(ctx, `INSERT INTO contact_text (tenant, contact, n, at, who, text) VALUES (?, ?, ?, ?, ?, ?)`,
			c.Tenant, c.ID, n, t.AtMS, t.Who, t.Text)
	}
	return err
}

// Contact implements contact.Store.
func (s *Contacts) Contact(ctx context.Context, tenant, id string) (contact.Contact, error) {
	c, err := scanContact(s.db.Read.QueryRowContext(ctx, `SELECT `+contactColumns+` FROM contact WHERE tenant = ? AND id = ?`, tenant, id))
	if err != nil {
		return contact.Contact{}, err
	}
	c.Tenant = tenant
	c.Timeline, err = collect(ctx, s.db.Read, `SELECT at, kind, text FROM contact_event WHERE tenant = ? AND contact = ? ORDER BY n`,
		func(row scanner) (e contact.Entry, err error) {
			var at int64
			err = row.Scan(&at, &e.Kind, &e.Text)
			e.At = fromMillis(at)
			return e, err
		}, tenant, id)
	if err != nil {
		return contact.Contact{}, err
	}
	c.Texts, err = collect(ctx, s.db.Read, `SELECT at, who, text FROM contact_text WHERE tenant = ? AND contact = ? ORDER BY n`,
		func(row scanner) (t httpapi.Turn, err error) {
			err = row.Scan(&t.AtMS, &t.Who, &t.Text)
			return t, err
		}, tenant, id)
	return c, err
}

// Contacts implements contact.Store. Which ones is decided on an index alone; only the rows of the page are read.
func (s *Contacts) Contacts(ctx context.Context, tenant string, q contact.Search, limit int) ([]contact.Contact, error) {
	where, args := conditions(tenant, q)
	return collect(ctx, s.db.Read, `SELECT `+contactColumns+` FROM contact WHERE tenant = ? AND id IN
		(SELECT id FROM contact WHERE `+where+` ORDER BY id DESC LIMIT ?) ORDER BY id DESC`,
		scanContact, slices.Concat([]any{tenant}, args, []any{limit})...)
}

// conditions turns a search into SQL; what the caller says is in args only.
func conditions(tenant string, q contact.Search) (where string, args []any) {
	list := []string{"tenant = ?"}
	args = []any{tenant}
	and := func(condition string, values ...any) {
		list = append(list, condition)
		args = append(args, values...)
	}
	if q.Before != "" {
		and("id < ?", q.Before)
	}
	if !q.From.IsZero() {
		and("created_at >= ?", millis(q.From))
	}
	if !q.To.IsZero() {
		and("created_at < ?", millis(q.To))
	}
	if q.Kind != "" {
		and("kind = ?", q.Kind)
	}
	if q.Agent != "" {
		and("agent = ?", q.Agent)
	}
	if q.State != "" {
		condition, values := oneOf("state", contact.States(q.State))
		and(condition, values...)
	}
	literal := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
	for _, w := range q.Words {
		and(`search LIKE ? ESCAPE '\'`, "%"+literal.Replace(w)+"%")
	}
	return strings.Join(list, " AND "), args
}

// oneOf says that a column has one of some values. One value is compared, not listed: then an index has the rows in order.
func oneOf[T any](column string, values []T) (condition string, args []any) {
	for _, v := range values {
		args = append(args, v)
	}
	switch len(values) {
	case 0:
		return "1 = 0", nil
	case 1:
		return column + " = ?", args
	default:
		return column + " IN (?" + strings.Repeat(", ?", len(values)-1) + ")", args
	}
}

// OpenContacts implements contact.Store.
func (s *Contacts) OpenContacts(ctx context.Context, tenant string) ([]string, error) {
	return collect(ctx, s.db.Read, `SELECT id FROM contact WHERE tenant = ? AND state <> 7 ORDER BY id`,
		func(row scanner) (id string, err error) { return id, row.Scan(&id) }, tenant)
}

func scanContact(row scanner) (contact.Contact, error) {
	var c contact.Contact
	var words string
	var created, queued, answered, ended int64
	err := row.Scan(&c.ID, &c.Booth, &c.Place, &c.Kind, &c.State, &words, &created, &queued, &answered, &ended, &c.Agent, &c.Disposition, &c.Note,
		&c.Number, &c.Test)
	if errors.Is(err, sql.ErrNoRows) {
		return contact.Contact{}, contact.ErrNoContact
	}
	if err == nil {
		err = json.Unmarshal([]byte(words), &c.Handoff)
	}
	c.Times = contact.Times{Created: fromInstant(created), Queued: fromInstant(queued), Answered: fromInstant(answered), Ended: fromInstant(ended)}
	return c, err
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, db *sql.DB, query string, scan func(scanner) (T, error), args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}
