package link

import (
	"context"
	"fmt"
)

// Limits that tests go beyond.
const (
	MaxBytes = maxBytes
	Window   = window
)

// Quota lets the file grow by that many pages and no more: a full disk. Zero lifts it.
func (f *File) Quota(ctx context.Context, more int) error {
	if more == 0 {
		_, err := f.db.Write.ExecContext(ctx, "PRAGMA max_page_count = 1073741823")
		return err
	}
	var pages int
	if err := f.db.Write.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
		return err
	}
	_, err := f.db.Write.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages+more))
	return err
}
