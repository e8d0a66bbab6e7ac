package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// uploadLimit bounds one part of what is uploaded in parts, and a picture that is not.
const uploadLimit = 12 << 20

// uploads reports a request that brings bytes, or asks to, to X or LinkedIn: nobody sees anything of it.
func uploads(r *http.Request) bool {
	for _, prefix := range []string{"/x-api/2/media/", "/linkedin-api/rest/images", "/linkedin-api/rest/videos", dmsUploads} {
		if strings.HasPrefix(r.URL.Path, prefix) {
			return true
		}
	}
	return false
}

// partOf is the file that keeps a part of what is not whole yet.
func (s *Simulator) partOf(id string, index int) string {
	sum := sha256.Sum256([]byte(id))
	return filepath.Join(s.cfg.Dir, "media", "part-"+hex.EncodeToString(sum[:10])+"-"+strconv.Itoa(index))
}

// keepPart keeps a part; one that comes again replaces itself.
func (s *Simulator) keepPart(id string, index int, from io.Reader) (size int64, err error) {
	name := s.partOf(id, index)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return 0, fmt.Errorf("sim: media: %w", err)
	}
	file, err := os.Create(name)
	if err != nil {
		return 0, fmt.Errorf("sim: media: %w", err)
	}
	size, err = io.Copy(file, from)
	return size, errors.Join(err, file.Close())
}

// joined puts the parts of an upload together and forgets them. The medium is what they are.
func (s *Simulator) joined(d *draft) (m medium, size int64, err error) {
	var parts []io.Reader
	var names []string
	for index := 0; ; index++ {
		file, err := os.Open(s.partOf(d.ID, index))
		if err != nil {
			break
		}
		defer func() { _ = file.Close() }()
		parts, names = append(parts, file), append(names, file.Name())
	}
	counted := &counter{from: io.MultiReader(parts...)}
	file, kind, err := s.keep(counted)
	if err != nil {
		return medium{}, 0, err
	}
	for _, name := range names {
		_ = os.Remove(name) // they lie in nobody's way
	}
	m = d.Media[0]
	m.File, m.Mime = file, kind
	if head := counted.head.bytes; len(head) >= 8 && string(head[4:8]) == "ftyp" {
		m.Mime = "video/mp4" // of whichever brand
	}
	return m, counted.size, nil
}

// counter counts what is read, and keeps its beginning.
type counter struct {
	from io.Reader
	size int64
	head beginning
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.size += int64(n)
	_, _ = c.head.Write(p[:n]) // it takes everything
	return n, err              //nolint:wrapcheck // a reader gives the end as it is
}

// whole reports an upload that has all its bytes.
func (d *draft) whole() bool { return len(d.Media) == 1 && d.Media[0].File != "" }

// uploaded gives what was brought to a network under an id, a copy, nil for nothing.
func (s *Simulator) uploaded(network, id string) (found *draft) {
	s.read(func(w *world) {
		if d := w.drafts[id]; d != nil && d.Network == network {
			one := *d
			one.Media = append([]medium{}, d.Media...)
			found = &one
		}
	})
	return found
}

// hung gives the media of a post by the ids of what was brought for it, false when one of them cannot be used.
func (t *tx) hung(network string, ids []string) (all []medium, good bool) {
	for _, id := range ids {
		d := t.w.drafts[id]
		if d == nil || d.Network != network || !d.whole() || !d.worked(t.now) || d.Spoiled || d.Used != "" || d.over(t.now) {
			return nil, false
		}
		all = append(all, d.Media[0])
	}
	return all, true
}

// used makes what was brought for a post part of it.
func (t *tx) used(ids []string, post string) {
	for _, id := range ids {
		t.add(change{Used: &usedDraft{ID: id, Post: post}})
	}
}
