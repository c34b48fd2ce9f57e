package api

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// Bounds of what booths bring.
const (
	MaxUpload  = 10 << 20            // bytes of one
	uploadLife = 30 * 24 * time.Hour // then it is cleared away
	maxUploads = 2 << 30             // bytes of all; beyond it nothing more is taken
	uploadTime = 2 * time.Minute     // to bring one, over a slow line
)

// logWish is what an operator says of a command "logs"; URL and token are ours to add.
type logWish struct {
	Lines int `json:"lines"`
}

// Uploads keeps the log lines that booths bring: one file for each command, written once.
type Uploads struct {
	dir    string
	secret []byte
	base   string // URL before the path; "": booths resolve the path against the core they know
}

// NewUploads keeps files under dir. The tokens of uploads are derived from secret; base is the public URL of the core, or "".
func NewUploads(dir string, secret []byte, base string) *Uploads {
	return &Uploads{dir: dir, secret: secret, base: strings.TrimSuffix(base, "/")}
}

// invite completes the arguments of a command "logs" with where the booth brings the lines, and by what right.
func (u *Uploads) invite(key fleet.Key, n *httpapi.NewCommand) error {
	var wish logWish
	if len(n.Args) > 0 {
		if err := strict(n.Args, &wish); err != nil {
			return refuse(httpapi.Invalid, "args", "must be {\"lines\": a whole number}")
		}
	}
	path := strings.Replace(httpapi.PathUpload, "{cmd}", n.ID, 1) + "?booth=" + url.QueryEscape(key.Booth)
	args, err := json.Marshal(mqttapi.Logs{URL: u.base + path, Token: u.token(key, n.ID), Lines: wish.Lines})
	n.Args = args
	return err
}

// token is the right to bring the lines of one command of one booth. It is not stored: the file itself says that it was used.
func (u *Uploads) token(key fleet.Key, cmd string) string {
	mac := hmac.New(sha256.New, u.secret)
	mac.Write([]byte(key.String() + "/" + cmd))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (u *Uploads) path(key fleet.Key, cmd string) string {
	return filepath.Join(u.dir, key.Tenant, key.Booth, cmd+".log")
}

var errUsed = errors.New("the lines of this command have come")

// take stores what a booth brings, whole or not at all. The same again is no error: the booth may not have heard our answer.
func (u *Uploads) take(key fleet.Key, cmd string, from io.Reader) (err error) {
	path := u.path(key, cmd)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".upload-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if _, err = io.Copy(f, from); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	// A link fails where the name is taken, so that of two who bring at once one is refused.
	err = os.Link(f.Name(), path)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if same, err := sameFile(f.Name(), path); same || err != nil {
		return err
	}
	return errUsed
}

// sameFile compares two files of at most MaxUpload bytes.
func sameFile(a, b string) (bool, error) {
	x, err := os.ReadFile(a)
	if err != nil {
		return false, err
	}
	y, err := os.ReadFile(b)
	return bytes.Equal(x, y), err
}

func (u *Uploads) open(key fleet.Key, cmd string) (*os.File, error) {
	f, err := os.Open(u.path(key, cmd))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fleet.ErrNoLog
	}
	return f, err
}

// size is how many bytes there are in all.
func (u *Uploads) size() (n int64) {
	_ = filepath.WalkDir(u.dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}

// Sweep clears away what is old, until ctx ends.
func (u *Uploads) Sweep(ctx context.Context) {
	t := time.NewTicker(time.Hour)
	defer t.Stop()
	for {
		u.clear(time.Now().Add(-uploadLife))
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

func (u *Uploads) clear(before time.Time) {
	root, err := os.OpenRoot(u.dir)
	if err != nil {
		return // nothing has come yet
	}
	defer func() { _ = root.Close() }()
	_ = fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // what cannot be looked at now is looked at in an hour
		}
		if info, err := d.Info(); err == nil && info.ModTime().Before(before) {
			_ = root.Remove(path)
		}
		return nil
	})
}

// upload takes log lines from a booth. Who holds the token of a command is the booth that got it.
func (s *Server) upload(c *call) (any, error) {
	u, cmd := s.deps.Uploads, chi.URLParam(c.r, "cmd")
	key := fleet.Key{Tenant: s.deps.Tenant, Booth: c.r.URL.Query().Get("booth")}
	if !id.Valid(cmd) || !fleet.ValidID(key.Booth) || !hmac.Equal([]byte(c.bearer()), []byte(u.token(key, cmd))) {
		return nil, refuse(httpapi.Unauthenticated, "", "the token of the command is needed")
	}
	asked, err := s.deps.Commands.Command(c.ctx(), key, cmd)
	if errors.Is(err, fleet.ErrNoBooth) || errors.Is(err, fleet.ErrNoCommand) {
		return nil, refuse(httpapi.Unauthenticated, "", "no such command") // a token for it was never given
	}
	if err != nil {
		return nil, err
	}
	if asked.Cmd != fleet.CommandLogs {
		return nil, refuse(httpapi.Unauthenticated, "", "the command asks for no lines")
	}
	if u.size() > maxUploads {
		return nil, refuse(httpapi.Unavailable, "", "the store of log lines is full")
	}
	deadline := time.Now().Add(uploadTime)
	ctl := http.NewResponseController(c.w)
	if err := errors.Join(ctl.SetReadDeadline(deadline), ctl.SetWriteDeadline(deadline)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	err = u.take(key, cmd, http.MaxBytesReader(c.w, c.r.Body, MaxUpload))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, refuse(httpapi.TooLarge, "", "the lines are over 10 MiB")
	case errors.Is(err, errUsed):
		return nil, refuse(httpapi.Conflict, "", err.Error())
	}
	return nil, err
}

// log shows the lines.
func (s *Server) log(c *call) error {
	cmd := chi.URLParam(c.r, "cmd")
	if !id.Valid(cmd) {
		return fleet.ErrNoLog
	}
	f, err := s.deps.Uploads.open(c.key, cmd)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	act := audit.Act{Actor: c.actor.Name, Action: audit.Logs, Booth: c.key.Booth, Data: map[string]string{"id": cmd}}
	if err := s.deps.Audit.Record(c.ctx(), s.deps.Tenant, act); err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	c.w.Header().Set("Content-Disposition", `attachment; filename="`+c.key.Booth+"-"+cmd+`.log"`)
	_, _ = io.Copy(c.w, f)
	return nil
}
