package ticket

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// Capture is a mention that a person types in or pastes: one that no network tells us of. Network and Account are where it
// stands; Name and Handle what its author is called there; At is when it was written, zero when nobody knows; Link where it is
// to be seen; Source where our person has it from, in a few words; Evidence the ids of files that show it.
type Capture struct {
	Network    mention.Network
	Account    string
	Name       string
	Handle     string
	Text       string
	At         time.Time
	Link       string
	Visibility post.Visibility
	Source     string
	Evidence   []string
}

// The bounds of a capture: letters of its text and of its names, files, and how far back a person is believed to remember.
const (
	maxCaptured    = 10000
	maxCalled      = 200
	maxEvidence    = 10
	longRemembered = 365 * 24 * time.Hour
)

// SourceManual is the fact of a case that was typed in.
const SourceManual = "manual"

// Check reports what keeps the capture from becoming a case: a fault.Invalid whose Field is the wrong one, Denied for who may
// not type anything in.
func (c Capture) Check(by Actor, now time.Time) error {
	const op = "ticket.Capture"
	switch {
	case !Allowed(by, CanCapture):
		return fault.Say(fault.Denied, op, "Tu rol no permite ingresar casos a mano.")
	case !c.Network.Known():
		return fault.Reject(op, "network", "Elige la red donde está lo que escribió la persona.")
	case c.Visibility != post.Public && c.Visibility != post.Private:
		return fault.Reject(op, "visibility", "Indica si lo escribió en público o en privado.")
	case !utf8.ValidString(c.Text) || post.NormaliseForCompare(c.Text) == "" && len(c.Evidence) == 0:
		return fault.Reject(op, "text", "Escribe o pega lo que dijo la persona.")
	case utf8.RuneCountInString(c.Text) > maxCaptured:
		return fault.Reject(op, "text", "El texto es demasiado largo: el máximo es 10.000 caracteres.")
	}
	return c.checkRest(op, now)
}

// checkRest is Check of what a capture may do without.
func (c Capture) checkRest(op string, now time.Time) error {
	switch {
	case tooLong(c.Name):
		return fault.Reject(op, "name", "El nombre es demasiado largo.")
	case tooLong(c.Handle):
		return fault.Reject(op, "handle", "El usuario es demasiado largo.")
	case tooLong(c.Source):
		return fault.Reject(op, "source", "Cuenta en pocas palabras de dónde lo sacaste.")
	case c.At.After(now):
		return fault.Reject(op, "at", "Esa fecha todavía no llega.")
	case c.Link != "" && !webAddress(c.Link):
		return fault.Reject(op, "link", "Pega una dirección completa, que empiece con https://.")
	case len(c.Evidence) > maxEvidence:
		return fault.Reject(op, "evidence", "Adjunta hasta 10 archivos.")
	}
	return nil
}

func tooLong(text string) bool {
	return !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxCalled
}

// Key names the capture by what it says, so that typing in the same twice is one case: network, account, author, words, link
// and the day it was written.
func (c Capture) Key() string {
	h := sha256.New()
	when := ""
	if !c.At.IsZero() {
		when = c.At.UTC().Format(time.DateOnly)
	}
	for _, part := range []string{string(c.Network), c.Account, c.called(), post.NormaliseForCompare(c.Text), c.Link, when, string(c.Visibility)} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	if post.NormaliseForCompare(c.Text) == "" { // nothing but files
		h.Write([]byte(strings.Join(c.Evidence, "\x00")))
	}
	return SourceManual + ":" + hex.EncodeToString(h.Sum(nil)[:16])
}

// called is the one name by which the author is known again.
func (c Capture) called() string {
	name := c.Handle
	if strings.Trim(name, "@ ") == "" {
		name = c.Name
	}
	return strings.ToLower(strings.TrimPrefix(post.NormaliseForCompare(name), "@"))
}

// Written is the instant a term counts from, and why: when the person wrote, if that is known and can be believed, else now.
func (c Capture) Written(now time.Time) (time.Time, Basis) {
	if c.At.IsZero() || c.At.After(now) || now.Sub(c.At) > longRemembered {
		return now.UTC(), FromReceived
	}
	return c.At.UTC(), FromWritten
}

// Event is the capture as an item of its network. Its thread is its own: nobody knows what it hangs on.
func (c Capture) Event(now time.Time) mention.Event {
	at, _ := c.Written(now)
	e := mention.Event{
		Outcome: mention.Interaction, Network: c.Network, Kind: mention.Comment, Key: c.Key(), Account: c.Account, Text: strings.TrimSpace(c.Text),
		At: at, Link: c.Link, Flags: []string{mention.FlagManual},
	}
	e.Thread = e.Key
	if c.Visibility == post.Private {
		e.Kind = mention.DM
	}
	if called := c.called(); called != "" {
		e.Author = &mention.Author{ID: SourceManual + ":" + called, Name: strings.TrimSpace(c.Name)}
		if handle := strings.TrimSpace(c.Handle); handle != "" {
			e.Author.Aliases = []string{handle}
		}
	}
	for _, id := range c.Evidence {
		e.Attachments = append(e.Attachments, mention.Attachment{Type: "evidence", ID: id})
	}
	return e
}

// Open makes the case of the capture. in is what Open of a first mention needs, without its Event: the names of case and
// conversation, class and term are found as those of any mention are. The bitácora says who typed it in.
func (c Capture) Open(by Actor, in Opening, p Policy) (Change, error) {
	if err := c.Check(by, in.Now); err != nil {
		return Change{}, err
	}
	in.Event, in.Received = c.Event(in.Now), in.Now
	change := Open(in, p, nil)
	t, entry := *change.Ticket, *change.Entry
	t.Facts = maps.Clone(t.Facts)
	if t.Facts == nil {
		t.Facts = map[string]string{}
	}
	t.Facts["source"], t.Facts["capturedBy"] = SourceManual, by.ID
	if from := strings.TrimSpace(c.Source); from != "" {
		t.Facts["from"] = from
	}
	if len(c.Evidence) > 0 {
		t.Facts["evidence"] = strconv.Itoa(len(c.Evidence))
	}
	entry.Actor, entry.ActorName = by.ID, by.Name
	entry.Facts = maps.Clone(entry.Facts)
	entry.Facts["source"] = SourceManual
	entry = entry.Seal("")
	t.Head = entry.Hash
	change.Ticket, change.Entry = &t, &entry
	return change, nil
}
