package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/command"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

const commandColumns = `c.tenant, c.booth, c.id, c.cmd, c.args, c.force, c.not_before, c.expires, c.state, c.step, c.result, c.error, c.actor,
	c.created, c.sent, c.last_sent, c.sends, c.changed, c.steps`

// step is a command.Step as it is stored.
type step struct {
	State command.State `json:"s"`
	At    int64         `json:"at"`
}

func scanCommand(row scanner) (command.Record, error) {
	var r command.Record
	var args, result, steps string
	var notBefore, expires, created, first, last, changed int64
	if err := row.Scan(&r.Key.Tenant, &r.Key.Booth, &r.ID.ID, &r.Cmd, &args, &r.Force, &notBefore, &expires, &r.State, &r.Step, &result,
		&r.Error, &r.Actor, &created, &first, &last, &r.Sent.Times, &changed, &steps); err != nil {
		return r, err
	}
	r.Args, r.NotBefore, r.Expires, r.Created = json.RawMessage(args), fromMillis(notBefore), fromMillis(expires), fromMillis(created)
	r.Sent.First, r.Sent.Last, r.Changed = fromMillis(first), fromMillis(last), fromMillis(changed)
	if result != "" {
		r.Result = json.RawMessage(result)
	}
	var list []step
	if err := json.Unmarshal([]byte(steps), &list); err != nil {
		return r, err
	}
	for _, s := range list {
		r.Steps = append(r.Steps, command.Step{State: s.State, At: fromMillis(s.At)})
	}
	return r, nil
}

func stepsOf(r *command.Record) (string, error) {
	list := make([]step, len(r.Steps))
	for i, s := range r.Steps {
		list[i] = step{s.State, millis(s.At)}
	}
	doc, err := json.Marshal(list)
	return string(doc), err
}

func (w *work) command(ctx context.Context, id command.ID) (r command.Record, ok bool, err error) {
	err = w.all(ctx, func(row scanner) error {
		ok = true
		r, err = scanCommand(row)
		return err
	}, `SELECT `+commandColumns+` FROM command c WHERE c.tenant = ? AND c.booth = ? AND c.id = ?`, id.Key.Tenant, id.Key.Booth, id.ID)
	return r, ok, err
}

func (w *work) updateCommand(ctx context.Context, r *command.Record) error {
	steps, err := stepsOf(r)
	if err != nil {
		return err
	}
	_, err = w.exec(ctx, `UPDATE command SET state = ?, open = ?, step = ?, result = ?, error = ?, sent = ?, last_sent = ?, sends = ?, changed = ?,
		steps = ? WHERE tenant = ? AND booth = ? AND id = ?`, r.State, flag(r.State.Open()), r.Step, string(r.Result), r.Error,
		millis(r.Sent.First), millis(r.Sent.Last), r.Sent.Times, millis(r.Changed), steps, r.Key.Tenant, r.Key.Booth, r.ID.ID)
	return err
}

// AddCommand implements hub.Commands.
func (s *Store) AddCommand(ctx context.Context, r command.Record, act audit.Act) (_ command.Record, added bool, err error) {
	err = s.tx(ctx, func(w *work) error {
		added = false
		standing, err := w.standing(ctx, r.Key)
		if err != nil {
			return err
		}
		if known, err := w.asked(ctx, r); err != nil || known != nil {
			if known != nil {
				r = *known
			}
			return err
		}
		if standing != fleet.InService {
			return fmt.Errorf("%w: the booth is not in service", fleet.ErrState)
		}
		var open int
		if _, err := w.one(ctx, []any{&open}, `SELECT COUNT(*) FROM command WHERE open = 1 AND tenant = ? AND booth = ?`,
			r.Key.Tenant, r.Key.Booth); err != nil {
			return err
		}
		if open >= command.MaxOpen {
			return fmt.Errorf("%w: %d commands are under way for this booth", fleet.ErrState, open)
		}
		steps, err := stepsOf(&r)
		if err != nil {
			return err
		}
		if _, err := w.exec(ctx, `INSERT INTO command (tenant, booth, id, cmd, args, force, not_before, expires, state, open, step, result, error,
			actor, created, sent, last_sent, sends, changed, steps) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0, '', '', ?, ?, 0, 0, 0, ?, ?)`,
			r.Key.Tenant, r.Key.Booth, r.ID.ID, r.Cmd, string(r.Args), flag(r.Force), millis(r.NotBefore), millis(r.Expires), r.State,
			r.Actor, millis(r.Created), millis(r.Changed), steps); err != nil {
			return err
		}
		added = true
		return w.record(ctx, r.Key.Tenant, act, r.Created)
	})
	return r, added, err
}

// asked returns the command of that id when it wants the same, nil when there is none.
func (w *work) asked(ctx context.Context, r command.Record) (*command.Record, error) {
	var booth string
	found, err := w.one(ctx, []any{&booth}, `SELECT booth FROM command WHERE tenant = ? AND id = ?`, r.Key.Tenant, r.ID.ID)
	if err != nil || !found {
		return nil, err
	}
	known, ok, err := w.command(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	if !ok || !known.Same(r.Order) {
		return nil, fmt.Errorf("%w: the id is another command's", fleet.ErrState)
	}
	return &known, nil
}

// CancelCommand implements hub.Commands.
func (s *Store) CancelCommand(ctx context.Context, id command.ID, act audit.Act, at time.Time) (r command.Record, err error) {
	err = s.tx(ctx, func(w *work) error {
		var ok bool
		if r, ok, err = w.command(ctx, id); err != nil {
			return err
		}
		if !ok {
			return fleet.ErrNoCommand
		}
		if r.State == command.Cancelled {
			return nil
		}
		if !r.Apply(command.Cancel, at) {
			return fmt.Errorf("%w: the command is %s", fleet.ErrState, r.State.Public())
		}
		if err := w.updateCommand(ctx, &r); err != nil {
			return err
		}
		return w.record(ctx, id.Key.Tenant, act, at)
	})
	return r, err
}

// OpenCommands implements hub.Commands.
func (s *Store) OpenCommands(ctx context.Context, keys []fleet.Key) ([]command.Record, error) {
	var list []command.Record
	take := func(row scanner) error {
		r, err := scanCommand(row)
		list = append(list, r)
		return err
	}
	if keys == nil {
		rows, err := s.db.Read.QueryContext(ctx, `SELECT `+commandColumns+` FROM command c WHERE c.open = 1 ORDER BY c.id`)
		err = each(rows, err, take)
		return list, err
	}
	err := chunked(len(keys), 2, func(i int) []any { return []any{keys[i].Tenant, keys[i].Booth} }, func(values string, args []any) error {
		rows, err := s.db.Read.QueryContext(ctx, text(`SELECT`, commandColumns, `FROM (`, values, `) v CROSS JOIN command c
			WHERE c.open = 1 AND c.tenant = v.column1 AND c.booth = v.column2 ORDER BY c.id`), args...)
		return each(rows, err, take)
	})
	return list, err
}

// Delivered implements hub.Commands.
func (s *Store) Delivered(ctx context.Context, ids []command.ID, at time.Time) ([]command.Record, error) {
	return s.move(ctx, ids, func(r *command.Record) bool {
		r.Deliver(at)
		return true
	})
}

// Lapse implements hub.Commands.
func (s *Store) Lapse(ctx context.Context, ids []command.ID, at time.Time) ([]command.Record, error) {
	return s.move(ctx, ids, func(r *command.Record) bool {
		if !r.Apply(command.Lapse, at) {
			return false
		}
		r.Error = "no answer"
		return true
	})
}

// move changes commands in one transaction, and returns those that did change.
func (s *Store) move(ctx context.Context, ids []command.ID, change func(*command.Record) bool) (list []command.Record, err error) {
	err = s.tx(ctx, func(w *work) error {
		list = nil
		for _, id := range ids {
			r, ok, err := w.command(ctx, id)
			if err != nil {
				return err
			}
			if !ok || !change(&r) {
				continue
			}
			if err := w.updateCommand(ctx, &r); err != nil {
				return err
			}
			list = append(list, r)
		}
		return nil
	})
	return list, err
}

// Overdue implements hub.Commands.
func (s *Store) Overdue(ctx context.Context, over time.Time) ([]command.Record, error) {
	var list []command.Record
	rows, err := s.db.Read.QueryContext(ctx, `SELECT `+commandColumns+` FROM command c WHERE c.open = 1 AND c.expires <= ? ORDER BY c.expires LIMIT 1000`,
		millis(over))
	err = each(rows, err, func(row scanner) error {
		r, err := scanCommand(row)
		list = append(list, r)
		return err
	})
	return list, err
}

// Commands implements api.Commands.
func (s *Store) Commands(ctx context.Context, key fleet.Key, p api.Page) (httpapi.Commands, error) {
	page := httpapi.Commands{Commands: []httpapi.Command{}}
	if _, err := s.Standing(ctx, key); err != nil {
		return page, err
	}
	where, args := `c.tenant = ? AND c.booth = ?`, []any{key.Tenant, key.Booth}
	if p.Cursor != "" {
		where, args = where+` AND c.id < ?`, append(args, p.Cursor)
	}
	limit := pageSize(p.Limit)
	rows, err := s.db.Read.QueryContext(ctx, text(`SELECT`, commandColumns, `FROM command c WHERE`, where, `ORDER BY c.id DESC LIMIT ?`),
		append(args, limit+1)...)
	err = each(rows, err, func(row scanner) error {
		r, err := scanCommand(row)
		page.Commands = append(page.Commands, r.View())
		return err
	})
	if len(page.Commands) > limit {
		page.Commands = page.Commands[:limit]
		page.Next = page.Commands[limit-1].ID
	}
	return page, err
}

// Command implements api.Commands.
func (s *Store) Command(ctx context.Context, key fleet.Key, id string) (httpapi.Command, error) {
	row := s.db.Read.QueryRowContext(ctx, text(`SELECT`, commandColumns, `FROM command c WHERE c.tenant = ? AND c.booth = ? AND c.id = ?`),
		key.Tenant, key.Booth, id)
	r, err := scanCommand(row)
	if none(err) {
		if _, err := s.Standing(ctx, key); err != nil {
			return httpapi.Command{}, err
		}
		return httpapi.Command{}, fleet.ErrNoCommand
	}
	return r.View(), err
}
