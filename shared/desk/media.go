package desk

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// Media keeps files for people. Type is NotFound for what is gone; Link gives an address that opens the file for a while to
// everybody who has it.
type Media interface {
	Put(ctx context.Context, key, mediaType string, body []byte) error
	Type(ctx context.Context, key string) (string, error)
	Link(ctx context.Context, key, name string, life time.Duration) (string, error)
}

const (
	// maxFile is the largest file taken, in bytes: in base64 it still fits into one call of a function.
	maxFile = 4 << 20
	// linkLife is how long the address of a file opens it: long enough to begin fetching it.
	linkLife = 2 * time.Minute
)

// fileJSON is a file that was taken.
type fileJSON struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Size int    `json:"size"`
}

// evidenceKey is where the evidence of what was typed in lies.
func evidenceKey(id string) string { return "evidence/" + id }

// upload takes a file that shows what was typed in. What it is its own bytes say, and nobody's word.
func (d *Desk) upload(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanCapture)) {
		return
	}
	if req.ContentLength > maxFile {
		d.problem(w, problem{Status: http.StatusRequestEntityTooLarge, Title: "Es demasiado grande", Detail: "El archivo puede pesar hasta 4 MB."})
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
	kind := http.DetectContentType(body)
	if !slices.Contains([]string{"image/png", "image/jpeg", "image/webp", "application/pdf"}, kind) {
		d.fail(w, req, fault.Reject("desk.upload", "media", "El archivo tiene que ser una imagen PNG, JPEG o WebP, o un PDF."), nil)
		return
	}
	// Under the click's own name, so that a click that comes twice stores one file.
	id := digest("evidence", click.Key)
	if err := d.cfg.Media.Put(req.Context(), evidenceKey(id), kind, body); err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.write(w, req, click, answer{http.StatusCreated, fileJSON{ID: id, Type: kind, Size: len(body)}}, ticket.Change{}, nil)
}

// What became of our copy of an attachment.
const (
	mediaStored  = "stored"
	mediaWaiting = "waiting"
	mediaLost    = "lost"
)

// mediaJSON is our copy of an attachment: under N it can be fetched, once it is stored.
type mediaJSON struct {
	N      string `json:"n"`
	State  string `json:"state"`
	Type   string `json:"type,omitempty"`
	Size   int    `json:"size,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// attachmentJSON is what hangs on a text: where the network has it, and our copy where there is one or is to be one.
type attachmentJSON struct {
	Type  string     `json:"type"`
	URL   string     `json:"url,omitempty"`
	Media *mediaJSON `json:"media,omitempty"`
}

// showAttachments shows what hangs on a mention.
func showAttachments(m ticket.Mention) []attachmentJSON {
	copied := ticket.MediaToCopy(m, channel.Ref{}, time.Time{}) != nil
	out := []attachmentJSON{}
	for i, a := range m.Attachments {
		shown := attachmentJSON{Type: a.Type, URL: a.URL}
		mine := mediaJSON{N: mediaName(m, i), Type: a.ContentType, Size: a.Size, Reason: a.Lost}
		switch {
		case a.Stored != "":
			mine.State, shown.URL = mediaStored, "" // the network's own address may be gone
		case a.Lost != "":
			mine.State = mediaLost
		case copied && ticket.Copyable(a):
			mine.State = mediaWaiting
		}
		if mine.State != "" {
			shown.Media = &mine
		}
		out = append(out, shown)
	}
	return out
}

// mediaName names an attachment inside its case: by its mention and its place there, since other mentions may still come
// between those that are there.
func mediaName(m ticket.Mention, i int) string { return digest(m.Key)[:12] + "-" + strconv.Itoa(i+1) }

// media sends who may read a case's words to our copy of what hangs on them.
func (d *Desk) media(w http.ResponseWriter, req *http.Request) {
	const op = "desk.media"
	by, err := d.caller(req)
	var story ticket.Story
	if err == nil {
		story, err = d.visible(req, req.PathValue("id"), by)
	}
	if err == nil && !readsText(story.Ticket, by) {
		err = fault.Say(fault.Denied, op, "Los archivos los ve quien tiene el caso.")
	}
	var key, name string
	if err == nil {
		key, name, err = found(story, req.PathValue("n"))
	}
	if err == nil {
		_, err = d.cfg.Media.Type(req.Context(), key)
		if fault.Is(err, fault.NotFound) {
			err = fault.Say(fault.NotFound, op, "El archivo ya no está: se guarda por un tiempo.")
		}
	}
	var link string
	if err == nil {
		link, err = d.cfg.Media.Link(req.Context(), key, name, linkLife)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.cfg.Log.LogAttrs(req.Context(), slog.LevelInfo, "media read", slog.String("ticket", story.Ticket.ID), slog.String("actor", by.ID))
	if req.URL.Query().Get("as") == "link" { // a browser does not show to a page where it was sent
		d.json(w, http.StatusOK, struct {
			URL   string    `json:"url"`
			Until time.Time `json:"until"`
		}{link, d.cfg.Arrived(req.Context()).Add(linkLife).UTC()})
		return
	}
	w.Header().Set("Location", link)
	w.WriteHeader(http.StatusSeeOther)
}

// found finds an attachment by its name: where our copy lies, and what it is to be called when it is saved.
func found(s ticket.Story, n string) (key, name string, err error) {
	const op = "desk.found"
	for i, m := range s.Mentions {
		for j, a := range m.Attachments {
			if mediaName(m, j) != n {
				continue
			}
			switch shown := showAttachments(m)[j]; {
			case a.Stored != "":
				return a.Stored, fmt.Sprintf("%s-%d-%d%s", s.Ticket.Number, i+1, j+1, ending(a)), nil
			case a.Lost != "":
				return "", "", fault.Say(fault.NotFound, op, "No alcanzamos a copiar el archivo antes de que la red lo borrara.")
			case shown.Media != nil:
				return "", "", fault.Say(fault.Conflict, op, "Todavía estamos copiando el archivo. Inténtalo en un minuto.")
			default:
				return "", "", fault.Say(fault.NotFound, op, "De este archivo no guardamos copia: está en la red.")
			}
		}
	}
	return "", "", fault.Say(fault.NotFound, op, "Ese archivo no es de este caso.")
}

// ending is what the name of a file of this type ends in.
func ending(a mention.Attachment) string {
	const office = "application/vnd.openxmlformats-officedocument."
	known := map[string]string{
		"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif", "video/mp4": ".mp4", "video/webm": ".webm",
		"video/quicktime": ".mov", "video/3gpp": ".3gp", "audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/wave": ".wav", "audio/mp4": ".m4a",
		"audio/aac": ".aac", "audio/amr": ".amr", "application/pdf": ".pdf", office + "wordprocessingml.document": ".docx",
		office + "spreadsheetml.sheet": ".xlsx", office + "presentationml.presentation": ".pptx",
	}
	if end, is := known[a.ContentType]; is {
		return end
	}
	return ".bin"
}
