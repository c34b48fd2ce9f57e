package virtual

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// pageFiles are the booth's page: HTML, CSS, ES modules and drawings as they were written, no build step.
//
//go:embed page
var pageFiles embed.FS

// kioskFiles are what cmd/kiosk-wasm/build.sh makes: the kiosk as WebAssembly, with .gz beside large files. Before that there is only .gitkeep.
//
//go:embed all:dist
var kioskFiles embed.FS

// hasKiosk tells whether the kiosk was there when boothd was built.
func hasKiosk() bool {
	_, err := fs.Stat(kioskFiles, "dist/index.html")
	return err == nil
}

// pages serves the page under /booth/ and the kiosk under /booth/kiosk/.
type pages struct{}

func newPages() pages { return pages{} }

func (pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, files, kiosk := path.Clean(strings.TrimPrefix(r.URL.Path, "/booth/")), pageFiles, false
	if rest, ok := strings.CutPrefix(name, "kiosk"); ok && (rest == "" || rest[0] == '/') {
		name, files, kiosk = path.Clean("dist"+rest), kioskFiles, true
	} else {
		name = path.Join("page", name)
	}
	if strings.HasSuffix(r.URL.Path, "/") {
		name = path.Join(name, "index.html")
	}
	if kiosk && name == "dist/index.html" && !hasKiosk() {
		name, files = "page/unbuilt.html", pageFiles
	}
	servePage(w, r, files, name)
}

// servePage serves one file: always revalidated by its hash, and as the .gz beside it where there is one and the client takes it.
func servePage(w http.ResponseWriter, r *http.Request, files embed.FS, name string) {
	body, err := files.ReadFile(name)
	if err != nil || strings.HasPrefix(path.Base(name), ".") {
		writeRefusal(w, &refusal{http.StatusNotFound, "path", "there is no such path"})
		return
	}
	head := w.Header()
	head.Set("Content-Type", contentType(name))
	head.Set("Cache-Control", "no-cache") // may be kept, must be revalidated
	suffix := ""
	if packed, err := files.ReadFile(name + ".gz"); err == nil {
		head.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && r.Header.Get("Range") == "" {
			head.Set("Content-Encoding", "gzip")
			body, suffix = packed, "-gz"
		}
	}
	sum := sha256.Sum256(body)
	head.Set("ETag", `"`+hex.EncodeToString(sum[:12])+suffix+`"`)
	unhurried(w)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8" // what the system's mime table says differs
	case ".wasm":
		return "application/wasm"
	case ".webmanifest":
		return "application/manifest+json"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
