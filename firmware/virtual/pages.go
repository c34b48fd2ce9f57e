package virtual

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
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
	if kiosk { // its loader brings its own small style sheet
		w.Header().Set("Content-Security-Policy", policy("style-src 'self' 'unsafe-inline'"))
	}
	if kiosk && name == "dist/index.html" && !hasKiosk() {
		name, files = "page/unbuilt.html", pageFiles
	}
	servePage(w, r, files, name)
}

// servePage serves one file: always revalidated by its hash, and packed where there is a .gz and the client takes it. The kiosk's
// large files exist only as .gz, so whoever does not take them packed gets them unpacked here.
func servePage(w http.ResponseWriter, r *http.Request, files embed.FS, name string) {
	body, err := files.ReadFile(name)
	packed, packedErr := files.ReadFile(name + ".gz")
	if (err != nil && packedErr != nil) || strings.HasPrefix(path.Base(name), ".") {
		writeRefusal(w, &refusal{http.StatusNotFound, "path", "there is no such path"})
		return
	}
	head := w.Header()
	head.Set("Content-Type", contentType(name))
	head.Set("Cache-Control", "no-cache") // may be kept, must be revalidated
	suffix := ""
	if packedErr == nil {
		head.Set("Vary", "Accept-Encoding")
		switch {
		case strings.Contains(r.Header.Get("Accept-Encoding"), "gzip"):
			r.Header.Del("Range") // ranges of the packed bytes help nobody
			head.Set("Content-Encoding", "gzip")
			body, suffix = packed, "-gz"
		case err != nil:
			if body, err = unpack(packed); err != nil {
				writeRefusal(w, &refusal{http.StatusInternalServerError, "path", "is broken"})
				return
			}
		}
	}
	sum := sha256.Sum256(body)
	head.Set("ETag", `"`+hex.EncodeToString(sum[:12])+suffix+`"`)
	unhurried(w)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}

func unpack(packed []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
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
