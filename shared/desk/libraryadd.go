package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

const (
	// uploadLife is how long a file may wait to be sent; once it is on its way it may take longer.
	uploadLife = 15 * time.Minute
	// mostSummed is the largest file that is read through to compare it with others: a longer one takes too long for one call, and
	// is compared only where its sum was announced, which the storage then verifies.
	mostSummed = post.MaxImageBytes
	// summedAtOnce is how much of it is read in one call.
	summedAtOnce = 4 << 20
)

// addFile takes a small file, whose bytes are the request. What it is they say, and nobody's word.
func (d *Desk) addFile(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanPost)) {
		return
	}
	if req.ContentLength > maxFile {
		d.problem(w, problem{
			Status: http.StatusRequestEntityTooLarge, Title: "Es demasiado grande",
			Detail: "Por aquí el archivo puede pesar hasta 4 MB. Para uno más grande pide una dirección en /api/v1/library/uploads.",
		})
		return
	}
	click, body, p := clicked(req, by, maxFile)
	if p != nil {
		d.problem(w, *p)
		return
	}
	if d.repeated(w, req, click) {
		return
	}
	facts, err := d.cfg.Library.Look(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	hash := sha256.Sum256(body)
	sum := hex.EncodeToString(hash[:])
	if d.had(w, req, by, click, sum) {
		return
	}
	now := d.cfg.Arrived(req.Context())
	l := post.NewLibraryFile(ticket.NewID(now, d.cfg.Entropy()), req.URL.Query().Get("name"), facts.Size, by.ID, by.Name, now).Ready(facts, sum)
	l.Rev = 1
	// The bytes come first: a file that can be seen can be opened.
	if err := d.cfg.Library.Bytes.Put(req.Context(), l.ID, l.Type, body); err != nil {
		d.fail(w, req, err, nil)
		return
	}
	if d.write(w, req, click, answer{http.StatusCreated, showFile(l, by)}, ticket.Change{File: &l}, func() {
		d.drop(req, l.ID)
		d.had(w, req, by, click, sum)
	}) {
		d.noteFile(req, by, "add", l.ID)
	}
}

// had answers with the file of the library that has these very bytes, and reports whether there is one, or whether that failed.
func (d *Desk) had(w http.ResponseWriter, req *http.Request, by ticket.Actor, click ticket.Click, sum string) bool {
	if sum == "" {
		return false
	}
	l, found, err := d.cfg.Library.Files.FileBySum(req.Context(), sum)
	switch {
	case err != nil:
		d.fail(w, req, err, nil)
	case !found:
		return false
	default:
		shown := showFile(l, by)
		shown.Same = true
		d.write(w, req, click, answer{http.StatusOK, shown}, ticket.Change{}, nil)
	}
	return true
}

// drop takes away bytes that nothing leads to. Where that fails they only take room.
func (d *Desk) drop(req *http.Request, id string) {
	if err := d.cfg.Library.Bytes.Remove(req.Context(), id); err != nil {
		d.cfg.Log.LogAttrs(req.Context(), slog.LevelError, "library bytes not removed", slog.String("file", id), slog.String("error", err.Error()))
	}
}

// uploadOrder announces a file. SHA256 is the sum of its bytes in hexadecimal, where whoever sends it computed it.
type uploadOrder struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	Type   string `json:"type"`
	SHA256 string `json:"sha256"`
}

// uploadJSON says where the bytes go; then the upload is done (/done).
type uploadJSON struct {
	ID string `json:"id"`
	post.Upload
	Until time.Time `json:"until"`
}

// check refuses at once what would be refused after a long upload. The type is only a hint: the bytes decide.
func (o uploadOrder) check() error {
	const op = "desk.uploadOrder.check"
	if err := post.Announced(o.Size); err != nil {
		return err
	}
	if raw, err := hex.DecodeString(o.SHA256); err != nil || o.SHA256 != "" && len(raw) != sha256.Size || strings.ToLower(o.SHA256) != o.SHA256 {
		return fault.Reject(op, "sha256", "La suma va como SHA-256 en hexadecimal, con minúsculas.")
	}
	kind, _, _ := strings.Cut(o.Type, ";")
	switch {
	case slices.Contains([]string{"", "application/octet-stream", "video/mp4", "video/quicktime"}, kind):
		return nil
	case !slices.Contains([]string{"image/jpeg", "image/png", "image/gif", "image/webp"}, kind):
		return fault.Reject(op, "type", "El archivo tiene que ser una imagen JPEG, PNG, GIF o WebP, o un video MP4 o MOV.")
	case o.Size > post.MaxImageBytes:
		return fault.Reject(op, "size", "Una imagen puede pesar hasta 30 MB.")
	default:
		return nil
	}
}

// announce lets somebody send a file straight into storage.
func (d *Desk) announce(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanPost)) {
		return
	}
	click, o, p := asked[uploadOrder](req, by)
	if p != nil {
		d.problem(w, *p)
		return
	}
	if d.repeated(w, req, click) {
		return
	}
	if err := o.check(); err != nil {
		d.fail(w, req, err, nil)
		return
	}
	if d.had(w, req, by, click, o.SHA256) {
		return
	}
	now := d.cfg.Arrived(req.Context())
	l := post.NewLibraryFile(ticket.NewID(now, d.cfg.Entropy()), o.Name, o.Size, by.ID, by.Name, now)
	l.Sum = o.SHA256
	to, err := d.cfg.Library.Links.Upload(req.Context(), l.ID, o.Size, o.SHA256, uploadLife)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.write(w, req, click, answer{http.StatusCreated, uploadJSON{l.ID, to, now.Add(uploadLife).UTC()}}, ticket.Change{File: &l}, nil)
}

// arrived looks at a file that was sent into storage: from then on it can be published, or it is refused. Asked again, it answers
// what became of it.
func (d *Desk) arrived(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanPost)) {
		return
	}
	click, _, p := clicked(req, by, maxRequest)
	if p != nil {
		d.problem(w, *p)
		return
	}
	if d.repeated(w, req, click) {
		return
	}
	l, err := d.fileOf(req)
	if err == nil && l.State == post.FileWaiting {
		l, err = d.examined(req, l)
	}
	switch {
	case fault.Is(err, fault.Conflict):
		d.problem(w, problem{Status: http.StatusConflict, Title: "Todavía no llega", Detail: "El archivo no ha terminado de llegar. Espera a que termine la subida e inténtalo de nuevo."})
	case err != nil:
		d.fail(w, req, err, nil)
	case l.State == post.FileReady && d.doubled(w, req, by, click, l):
	default:
		d.settle(w, req, by, click, l)
	}
}

// settle writes down what a file turned out to be, unless that stands already.
func (d *Desk) settle(w http.ResponseWriter, req *http.Request, by ticket.Actor, click ticket.Click, l post.LibraryFile) {
	was, found, err := d.cfg.Library.Files.File(req.Context(), l.ID)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	if found && was.State != post.FileWaiting {
		d.write(w, req, click, answer{http.StatusOK, showFile(was, by)}, ticket.Change{}, nil)
		return
	}
	err = d.remember(w, req, click, answer{http.StatusOK, showFile(l, by)}, ticket.Change{File: &l})
	switch {
	case err == nil && l.State == post.FileRefused:
		d.drop(req, l.ID)
		fallthrough
	case err == nil:
		d.noteFile(req, by, "upload "+string(l.State), l.ID)
	case d.repeated(w, req, click):
	case errors.Is(err, ticket.ErrSameFile) && d.doubled(w, req, by, click, l): // both came at the same moment
	case fault.Is(err, fault.Conflict):
		d.fail(w, req, fault.New(fault.Transient, "desk.settle", err), nil) // somebody else asked too: the next time it stands
	default:
		d.fail(w, req, err, nil)
	}
}

// doubled takes away a file that is in the library already under another id, and answers with that one.
func (d *Desk) doubled(w http.ResponseWriter, req *http.Request, by ticket.Actor, click ticket.Click, l post.LibraryFile) bool {
	if l.Sum == "" {
		return false
	}
	other, found, err := d.cfg.Library.Files.FileBySum(req.Context(), l.Sum)
	if err != nil {
		d.fail(w, req, err, nil)
		return true
	}
	if !found || other.ID == l.ID {
		return false
	}
	was, _, err := d.cfg.Library.Files.File(req.Context(), l.ID)
	if err != nil {
		d.fail(w, req, err, nil)
		return true
	}
	gone, shown := was.Remove(d.cfg.Arrived(req.Context())), showFile(other, by)
	shown.Same = true
	if d.write(w, req, click, answer{http.StatusOK, shown}, ticket.Change{File: &gone}, nil) {
		d.drop(req, l.ID)
	}
	return true
}

// examined reads what a file that was sent is. Conflict when its bytes are not there.
func (d *Desk) examined(req *http.Request, l post.LibraryFile) (post.LibraryFile, error) {
	ctx, now := req.Context(), d.cfg.Arrived(req.Context())
	size, err := d.cfg.Library.Bytes.Size(ctx, l.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		return l, fault.New(fault.Conflict, "desk.examined", err)
	case err != nil:
		return l, err
	case size != l.Size: // the address lets only so many through; whatever came round it is not what was announced
		return l.Refuse("El archivo llegó con otro tamaño que el anunciado. Súbelo otra vez.", now), nil
	}
	facts, err := d.cfg.Library.Look(stored{ctx, d.cfg.Library.Bytes, l.ID}, size)
	var refusal *fault.Error
	if fault.Is(err, fault.Invalid) && errors.As(err, &refusal) {
		return l.Refuse(refusal.Public, now), nil
	}
	sum := l.Sum
	if err == nil && sum == "" && size <= mostSummed {
		sum, err = d.sum(ctx, l.ID, size)
	}
	if err != nil {
		return l, err
	}
	return l.Ready(facts, sum), nil
}

// sum computes the SHA-256 of a file in storage.
func (d *Desk) sum(ctx context.Context, id string, size int64) (string, error) {
	h := sha256.New()
	for from := int64(0); from < size; from += summedAtOnce {
		part, err := d.cfg.Library.Bytes.Range(ctx, id, from, min(summedAtOnce, size-from))
		if err != nil {
			return "", err
		}
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// stored reads a file in storage by its parts.
type stored struct {
	ctx   context.Context //nolint:containedctx // io.ReaderAt has no room for one
	bytes FileBytes
	id    string
}

// ReadAt implements io.ReaderAt.
func (s stored) ReadAt(p []byte, off int64) (int, error) {
	part, err := s.bytes.Range(s.ctx, s.id, off, int64(len(p)))
	if err != nil {
		return 0, err
	}
	n := copy(p, part)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
