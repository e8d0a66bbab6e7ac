package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// draft is what our system brought to a network for a post and that nobody sees there yet: a picture or video that was uploaded,
// or a container of Instagram. Post is the number its post will have, where that is known before.
type draft struct {
	ID       string    `json:"id"`
	Network  string    `json:"network"`
	Size     int64     `json:"size,omitempty"` // of what is uploaded in parts
	Text     string    `json:"text,omitempty"`
	Media    []medium  `json:"media,omitempty"`
	Children []string  `json:"children,omitempty"`
	Item     bool      `json:"item,omitempty"` // of a carousel
	Post     string    `json:"post,omitempty"`
	Spoiled  bool      `json:"spoiled,omitempty"` // the network can make nothing of it
	At       time.Time `json:"at"`
	Used     string    `json:"-"` // the post it became
}

// usedDraft makes a draft the post it became.
type usedDraft struct {
	ID   string `json:"id"`
	Post string `json:"post"`
}

// How long the networks work on a video, and keep what is not published.
const (
	filmWork   = 3 * time.Second
	draftLives = 24 * time.Hour
)

func (w *world) applyDraft(c change) {
	if c.Used != nil {
		if d := w.drafts[c.Used.ID]; d != nil {
			d.Used = c.Used.Post
		}
		return
	}
	d := *c.Draft
	w.drafts[d.ID] = &d
	for _, id := range []string{d.ID, d.Post} {
		if n, err := strconv.ParseInt(lastNumber(id), 10, 64); err == nil {
			w.numbers[n] = true
		}
	}
}

// film reports a draft that is a video.
func (d *draft) film() bool { return len(d.Media) == 1 && d.Media[0].Type == mediaVideo }

// worked reports that the network is done with it.
func (d *draft) worked(now time.Time) bool { return !d.film() || !now.Before(d.At.Add(filmWork)) }

// over reports a draft that its network has thrown away.
func (d *draft) over(now time.Time) bool { return !now.Before(d.At.Add(draftLives)) }

// isDraft reports whether an id is that of a draft.
func (s *Simulator) isDraft(id string) (is bool) {
	s.read(func(w *world) { is = w.drafts[id] != nil })
	return is
}

// prepares reports a request that brings something ahead of a post: nobody sees anything of it, so that the faults of what is
// published leave it alone, as they leave reads alone.
func prepares(r *http.Request) bool {
	if uploads(r) {
		return true
	}
	if r.Method != http.MethodPost || !strings.HasPrefix(r.URL.Path, "/graph/") {
		return false
	}
	switch r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:] {
	case "photos", "videos", "media":
		return true
	}
	return false
}

// mostFetched bounds what is fetched; no network takes a longer video of us.
const mostFetched = 1 << 30

// errNotFetched is what a network says of an address that gave it nothing.
var errNotFetched = errors.New("sim: not fetched")

// fetch gets the file of an address and keeps it, as the networks do with what a post names. Only this machine is asked: this
// world has no other.
func (s *Simulator) fetch(ctx context.Context, address string) (file, kind string, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || net.ParseIP(u.Hostname()) == nil || !net.ParseIP(u.Hostname()).IsLoopback() {
		return "", "", errNotFetched
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", "", errNotFetched
	}
	res, err := s.cfg.Client.Do(req)
	if err != nil {
		return "", "", errNotFetched
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return "", "", errNotFetched
	}
	return s.keep(io.LimitReader(res.Body, mostFetched))
}

// keep writes bytes under their own hash, and tells of what type they are.
func (s *Simulator) keep(from io.Reader) (file, kind string, err error) {
	dir := filepath.Join(s.cfg.Dir, "media")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", "", fmt.Errorf("sim: media: %w", err)
	}
	temp, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return "", "", fmt.Errorf("sim: media: %w", err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // gone already when all went well
	sum, head := sha256.New(), &beginning{}
	_, err = io.Copy(io.MultiWriter(temp, sum, head), from)
	if err = errors.Join(err, temp.Close()); err != nil {
		return "", "", errNotFetched
	}
	file = hex.EncodeToString(sum.Sum(nil))
	if err := os.Rename(temp.Name(), filepath.Join(dir, file)); err != nil {
		return "", "", fmt.Errorf("sim: media: %w", err)
	}
	return file, head.mime(), nil
}

// beginning keeps the first bytes, by which a type is known.
type beginning struct{ bytes []byte }

// mime is the type the bytes begin with. MP4 and MOV say so in their fifth to eighth.
func (b *beginning) mime() string {
	if len(b.bytes) > 12 && string(b.bytes[4:8]) == "ftyp" {
		if string(b.bytes[8:10]) == "qt" {
			return "video/quicktime"
		}
		return "video/mp4"
	}
	return http.DetectContentType(b.bytes)
}

func (b *beginning) Write(p []byte) (int, error) {
	const enough = 512
	b.bytes = append(b.bytes, p[:min(len(p), enough-min(len(b.bytes), enough))]...)
	return len(p), nil
}

// fetched makes a medium of what an address gave.
func (s *Simulator) fetched(ctx context.Context, address, alt string) (medium, error) {
	file, kind, err := s.fetch(ctx, address)
	if err != nil {
		return medium{}, err
	}
	m := medium{Type: mediaImage, At: s.cfg.Clock().UTC(), Alt: alt, File: file, Mime: kind}
	if strings.HasPrefix(kind, "video/") {
		m.Type = mediaVideo
	}
	return m, nil
}

// writeMedium answers the bytes of a medium.
func (s *Simulator) writeMedium(w http.ResponseWriter, r *http.Request, m medium) {
	if m.File == "" {
		writeMedium(w, m)
		return
	}
	h := w.Header()
	h.Set("Content-Type", m.mime())
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeFile(w, r, filepath.Join(s.cfg.Dir, "media", m.File))
}
