package desk

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// LibraryFiles is the store as the library needs it.
type LibraryFiles interface {
	File(ctx context.Context, id string) (post.LibraryFile, bool, error)
	FileBySum(ctx context.Context, sum string) (post.LibraryFile, bool, error)
	Files(ctx context.Context, match func(post.LibraryFile) bool, cursor string, limit int) (page []post.LibraryFile, next string, err error)
}

// FileUses tells whether a post that is not over carries a file.
type FileUses interface {
	FileUsed(ctx context.Context, id string) (bool, error)
}

// FileBytes keeps the bytes of the library's files. Size is NotFound for what is not there; Range gives fewer bytes where a file
// ends.
type FileBytes interface {
	Put(ctx context.Context, id, mediaType string, body []byte) error
	Size(ctx context.Context, id string) (int64, error)
	Range(ctx context.Context, id string, from, size int64) ([]byte, error)
	Remove(ctx context.Context, id string) error
}

// FileLinks makes addresses that carry their own permission: to fetch a file, and to bring one.
type FileLinks interface {
	Link(ctx context.Context, id, mediaType, name string, life time.Duration) (string, error)
	Upload(ctx context.Context, id string, size int64, sum string, life time.Duration) (post.Upload, error)
}

// Library is what the work on files for posts needs. Look tells what a file is by its own bytes: Invalid for what we do not take.
// Uses is nil where nothing carries files yet.
type Library struct {
	Files LibraryFiles
	Uses  FileUses
	Bytes FileBytes
	Links FileLinks
	Look  func(r io.ReaderAt, size int64) (post.File, error)
}

// facts is the library as posts know it: of what can be published, what its bytes say.
type facts struct{ files LibraryFiles }

// File implements Files.
func (f facts) File(ctx context.Context, id string) (post.File, bool, error) {
	l, found, err := f.files.File(ctx, id)
	return l.File, found && l.State == post.FileReady, err
}

// fileLinkLife is how long the address of a file opens it: as long as somebody looks at a page of the library.
const fileLinkLife = 15 * time.Minute

// libraryJSON is a file of the library as the API shows it. Same tells that the very same file was there before. URL opens it until
// Until; it is left out of answers that are remembered.
type libraryJSON struct {
	ID     string                   `json:"id"`
	Name   string                   `json:"name"`
	Alt    string                   `json:"alt"`
	Kind   string                   `json:"kind,omitempty"`
	Type   string                   `json:"type,omitempty"`
	Size   int64                    `json:"size"`
	Width  int                      `json:"width,omitempty"`
	Height int                      `json:"height,omitempty"`
	Millis int64                    `json:"millis,omitempty"`
	State  post.FileState           `json:"state"`
	Reason string                   `json:"reason,omitempty"`
	Same   bool                     `json:"same,omitempty"`
	By     authorJSON               `json:"by"`
	At     time.Time                `json:"at"`
	URL    string                   `json:"url,omitempty"`
	Until  *time.Time               `json:"until,omitempty"`
	May    map[string]ticket.Option `json:"may"`
}

// authorJSON is a person of the desk.
type authorJSON struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

const notYourLibrary = "Los archivos los agregan y cambian quienes proponen publicaciones."

// showFile shows a file to the actor.
func showFile(l post.LibraryFile, by ticket.Actor) libraryJSON {
	may := ticket.Option{Allowed: true}
	if !ticket.Allowed(by, ticket.CanPost) {
		may = ticket.Option{Why: notYourLibrary}
	}
	return libraryJSON{
		ID: l.ID, Name: l.Name, Alt: l.Alt, Kind: l.Kind, Type: l.Type, Size: l.Size, Width: l.Width, Height: l.Height, Millis: l.Millis,
		State: l.State, Reason: l.Reason, By: authorJSON{l.By, l.ByName}, At: l.At, May: map[string]ticket.Option{"edit": may, "remove": may},
	}
}

// openFile shows a file with the address that opens it.
func (d *Desk) openFile(ctx context.Context, l post.LibraryFile, by ticket.Actor) (libraryJSON, error) {
	out := showFile(l, by)
	if l.State != post.FileReady {
		return out, nil
	}
	link, err := d.cfg.Library.Links.Link(ctx, l.ID, l.Type, l.Name, fileLinkLife)
	until := d.cfg.Arrived(ctx).Add(fileLinkLife).UTC()
	out.URL, out.Until = link, &until
	return out, err
}

// library lists the files, the newest first: those that can be published, or those in another state where it is asked for.
func (d *Desk) library(w http.ResponseWriter, req *http.Request) {
	const op = "desk.library"
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanSeePosts)) {
		return
	}
	q := req.URL.Query()
	kind, state, words := q.Get("kind"), post.FileState(q.Get("state")), classify.Normalize(q.Get("q"))
	if state == "" {
		state = post.FileReady
	}
	limit, err := limitOf(req)
	switch {
	case err != nil:
	case kind != "" && !slices.Contains([]string{post.Image, post.GIF, post.Video}, kind):
		err = fault.Reject(op, "kind", "El tipo va como image, gif o video.")
	case !state.Known() || state == post.FileRemoved:
		err = fault.Reject(op, "state", "El estado va como ready, waiting o refused.")
	}
	var found []post.LibraryFile
	out := page[libraryJSON]{Items: []libraryJSON{}}
	if err == nil {
		found, out.Next, err = d.cfg.Library.Files.Files(req.Context(), func(l post.LibraryFile) bool {
			return l.State == state && (kind == "" || l.Kind == kind) && strings.Contains(classify.Normalize(l.Name+" "+l.Alt), words)
		}, q.Get("cursor"), limit)
	}
	for _, l := range found {
		var shown libraryJSON
		if shown, err = d.openFile(req.Context(), l, by); err != nil {
			break
		}
		out.Items = append(out.Items, shown)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.json(w, http.StatusOK, out)
}

// libraryFile shows one file.
func (d *Desk) libraryFile(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanSeePosts)) {
		return
	}
	l, err := d.fileOf(req)
	var out libraryJSON
	if err == nil {
		out, err = d.openFile(req.Context(), l, by)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.json(w, http.StatusOK, out)
}

// fileOf finds the file a request is about; what was removed exists for nobody.
func (d *Desk) fileOf(req *http.Request) (post.LibraryFile, error) {
	l, found, err := d.cfg.Library.Files.File(req.Context(), req.PathValue("id"))
	if err == nil && (!found || l.State == post.FileRemoved) {
		err = fault.Say(fault.NotFound, "desk.fileOf", "Ese archivo no está en la biblioteca.")
	}
	return l, err
}

// fileContent sends who may see posts to the file itself.
func (d *Desk) fileContent(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanSeePosts)) {
		return
	}
	l, err := d.fileOf(req)
	if err == nil && l.State != post.FileReady {
		d.problem(w, problem{Status: http.StatusConflict, Title: "No se puede ver", Detail: "El archivo no terminó de llegar, o no se aceptó."})
		return
	}
	var out libraryJSON
	if err == nil {
		out, err = d.openFile(req.Context(), l, by)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	if req.URL.Query().Get("as") == "link" { // a browser does not show to a page where it was sent
		d.json(w, http.StatusOK, struct {
			URL   string     `json:"url"`
			Until *time.Time `json:"until"`
		}{out.URL, out.Until})
		return
	}
	w.Header().Set("Location", out.URL)
	w.WriteHeader(http.StatusSeeOther)
}

// descriptionRounds is how often a file is read again when others change it at the same moment.
const descriptionRounds = 4

// describeFile gives a file another name or description.
func (d *Desk) describeFile(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanPost)) {
		return
	}
	click, o, p := asked[struct{ Name, Alt *string }](req, by)
	if p != nil {
		d.problem(w, *p)
		return
	}
	if d.repeated(w, req, click) {
		return
	}
	for range descriptionRounds {
		var l post.LibraryFile
		if l, err = d.fileOf(req); err == nil {
			l, err = l.Describe(o.Name, o.Alt)
		}
		if err != nil {
			break
		}
		err = d.remember(w, req, click, answer{http.StatusOK, showFile(l, by)}, ticket.Change{File: &l})
		if err == nil {
			d.noteFile(req, by, "describe", l.ID)
			return
		}
		if d.repeated(w, req, click) {
			return
		}
		if !fault.Is(err, fault.Conflict) {
			break
		}
	}
	d.fail(w, req, err, nil)
}

// removeFile takes a file out of the library, unless something still carries it. It may be asked again freely: bytes that could not
// be taken away are tried again then.
func (d *Desk) removeFile(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanPost)) {
		return
	}
	id := req.PathValue("id")
	l, found, err := d.cfg.Library.Files.File(req.Context(), id)
	if err == nil && !found {
		err = fault.Say(fault.NotFound, "desk.removeFile", "Ese archivo no está en la biblioteca.")
	}
	if err == nil && l.State != post.FileRemoved {
		used := false
		if d.cfg.Library.Uses != nil {
			used, err = d.cfg.Library.Uses.FileUsed(req.Context(), id)
		}
		if used {
			d.problem(w, problem{
				Status: http.StatusConflict, Title: "No se puede borrar",
				Detail: "Lo usa una publicación que todavía no sale. Quítalo de ahí, o cancélala, y bórralo después.",
			})
			return
		}
		if err == nil {
			gone := l.Remove(d.cfg.Arrived(req.Context()))
			err = d.cfg.Cases.Commit(req.Context(), ticket.Change{File: &gone})
		}
	}
	if err == nil {
		err = d.cfg.Library.Bytes.Remove(req.Context(), id)
	}
	switch {
	case fault.Is(err, fault.Conflict):
		d.problem(w, problem{Status: http.StatusConflict, Title: "El archivo cambió", Detail: "Otra persona cambió el archivo mientras tanto. Revisa cómo quedó e inténtalo de nuevo."})
	case err != nil:
		d.fail(w, req, err, nil)
	default:
		d.noteFile(req, by, "remove", id)
		w.WriteHeader(http.StatusNoContent)
	}
}

// noteFile writes down who did what to the library: the bitácora is that of cases.
func (d *Desk) noteFile(req *http.Request, by ticket.Actor, act, id string) {
	d.cfg.Log.LogAttrs(req.Context(), slog.LevelInfo, "library act", slog.String("act", act), slog.String("file", id), slog.String("actor", by.ID))
}
