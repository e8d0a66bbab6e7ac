// Package web is the console as files: built by web/build, embedded, and served with the headers that keep it shut.
package web

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// Handler serves the built console. Issuer is the OIDC issuer whose origin the console may talk to besides our own; domain
// another origin of the same issuer, where its tokens are given, empty where there is none; and storage the origin where files
// are shown from and sent to.
func Handler(issuer, domain, storage string) (http.Handler, error) {
	talks := make([]string, 0, 3)
	for i, address := range []string{issuer, domain, storage} {
		if i == 1 && address == "" {
			continue
		}
		origin, err := url.Parse(address)
		if err != nil || origin.Host == "" {
			return nil, fmt.Errorf("web: the issuer, its domain or the storage is not a URL")
		}
		talks = append(talks, origin.Scheme+"://"+origin.Host)
	}
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	return &console{files: files, policy: policy(talks)}, nil
}

// policy is the Content-Security-Policy: nothing inline and nothing from elsewhere, but for the origins it talks to, of which the
// last one holds the files it shows.
func policy(talks []string) string {
	storage := talks[len(talks)-1]
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: " + storage, "media-src " + storage, "font-src 'self'",
		"connect-src 'self' " + strings.Join(talks, " "), "manifest-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
	}, "; ")
}

type console struct {
	files  fs.FS
	policy string
}

// ServeHTTP serves a file of the build, or the one page for every address the console itself understands.
func (c *console) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	h := w.Header()
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	h.Set("Content-Security-Policy", c.policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	name := strings.TrimPrefix(path.Clean(req.URL.Path), "/")
	hashed := strings.HasPrefix(name, "assets/")
	if !hashed && path.Ext(name) == "" {
		name = "index.html"
	}
	body, encoding, err := c.read(name, req.Header.Get("Accept-Encoding"))
	switch {
	case errors.Is(err, fs.ErrNotExist) && name == "index.html":
		http.Error(w, "La consola no está construida. Ejecuta: make build", http.StatusServiceUnavailable)
		return
	case err != nil:
		http.NotFound(w, req)
		return
	}
	h.Set("Content-Type", contentType(name))
	h.Set("Vary", "Accept-Encoding")
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	if hashed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	_, _ = w.Write(body)
}

// read gives a file in the best encoding the caller takes; the build writes .br and .gz beside what gains by it.
func (c *console) read(name, accepted string) (body []byte, encoding string, err error) {
	for _, variant := range []struct{ encoding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !strings.Contains(accepted, variant.encoding) {
			continue
		}
		if body, err := fs.ReadFile(c.files, name+variant.suffix); err == nil {
			return body, variant.encoding, nil
		}
	}
	body, err = fs.ReadFile(c.files, name)
	return body, "", err
}

func contentType(name string) string {
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}
