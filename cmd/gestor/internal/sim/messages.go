package sim

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// defaultAuthor signs what nobody signed.
const defaultAuthor = "Persona ficticia"

// longestName is how many characters a name may have.
const longestName = 100

// written is the body of POST /sim/{network}/messages. At, Rating, Summoned, Media and Own are ours: when the text was
// written, if not now, the stars of a review (kind "rating"), on X whether an answer names us, as it does unless its author
// takes the name out, what hangs on the text (mediaTypes), that our own people wrote it in the network's application, and on
// WhatsApp the id by which it knows the person beside the telephone, and that the person hides the telephone.
type written struct {
	Author string    `json:"author"`
	Name   string    `json:"name"`
	Text   string    `json:"text"`
	Kind   string    `json:"kind"`
	Thread string    `json:"thread"`
	At     time.Time `json:"at,omitzero"`
	Rating int       `json:"rating"`

	Summoned *bool    `json:"summoned"`
	Media    []string `json:"media"`
	Own      bool     `json:"own"`
	User     string   `json:"user"`
	Hidden   bool     `json:"hidden"`
}

// longest is how many characters the network takes of a kind, 0 for an unknown kind.
func longest(kind string) int {
	switch kind {
	case kindComment, kindMention, kindRating:
		return 8000
	case kindPost:
		return 63206
	case kindDM:
		return 20000
	}
	return 0
}

// filled is the message with what was left out, and its author.
func (m written) filled() (written, person) {
	if m.Kind == "" {
		m.Kind = kindComment
	}
	if plain(m.Kind) == kindRating && m.Rating == 0 {
		m.Rating = 3
	}
	m.Text, m.Name, m.Author = strings.TrimSpace(m.Text), strings.TrimSpace(m.Name), strings.TrimSpace(m.Author)
	if m.Name == "" && !digits(m.Author) {
		m.Name = m.Author
	}
	if m.Name == "" {
		m.Name = defaultAuthor
	}
	if m.Author == "" && plain(m.Kind) == kindDM && digits(m.Thread) {
		m.Author = m.Thread
	}
	if m.Author == "" {
		m.Author = m.Name
	}
	return m, person{ID: scopedID(m.Author), Name: m.Name}
}

// refused says why the network would not take a filled message, which it would keep as it, nil when it does.
func (m written) refused(who person, ours string, it *item, now time.Time) error {
	limit := it.longest()
	switch {
	case limit == 0 || it.Network == "" && !slices.Contains(facebookKinds(), m.Kind):
		return invalid("El tipo debe ser " + strings.Join(facebookKinds(), ", ") + ".")
	case m.Text == "" && len(m.hangs(it.target())) == 0:
		return invalid("Falta el texto del mensaje.")
	case utf8.RuneCountInString(m.Text) > limit:
		return invalid("El texto supera los " + strconv.Itoa(limit) + " caracteres que admite la red.")
	case utf8.RuneCountInString(m.Name) > longestName:
		return invalid("El nombre es demasiado largo.")
	case who.ID == ours:
		return invalid("Esa identidad es la de la página. Escribe como una persona.")
	case m.At.After(now.Add(5 * time.Minute)):
		return invalid("La fecha del mensaje está en el futuro.")
	case m.Rating < 0 || m.Rating > 5:
		return invalid("La valoración va de 1 a 5.")
	}
	return m.mayHang(it.target(), it.Kind)
}

// facebookKinds are what a person can write on Facebook.
func facebookKinds() []string {
	return []string{kindComment, kindMention, kindPost, kindDM, kindRating, kindReview, kindTag}
}

// write puts a citizen's text on the network and queues its webhook.
func (t *tx) write(m written) (*item, error) {
	if m.Own {
		return t.native(network{Name: targetFacebook, Title: "Facebook"}, m)
	}
	m, who := m.filled()
	it := item{Kind: plain(m.Kind), From: who, Text: m.Text, At: m.At.UTC()}
	if err := m.refused(who, t.w.pageID, &it, t.now); err != nil {
		return nil, err
	}
	if m.At.IsZero() {
		it.At = t.now.UTC()
	}
	if err := t.place(m, &it); err != nil {
		return nil, err
	}
	t.attach(&it, m.hangs(targetFacebook))
	t.add(change{Item: &it})
	t.tell(t.w.items[it.ID], verbAdd)
	return t.w.items[it.ID], nil
}

// place gives an item of Facebook its id and what it hangs on.
func (t *tx) place(m written, it *item) error {
	alone := it.Kind == kindPost || it.Kind == kindRating || m.Kind == kindTag
	switch {
	case it.Kind == kindDM:
		if m.Thread != "" && scopedID(m.Thread) != it.From.ID {
			return invalid("Esa conversación es de otra persona.")
		}
		it.ID, it.Thread = t.mid(it.From.ID), it.From.ID
	case alone && m.Thread != "":
		return invalid("Una publicación o una valoración no cuelga de otra.")
	case m.Kind == kindTag:
		it.ID = it.From.ID + "_" + t.object()
		it.Thread = it.ID
	case alone:
		n := t.object()
		it.ID, it.Rating = t.w.pageID+"_"+n, m.Rating
		it.Thread = it.ID
		if it.Kind == kindRating {
			it.StoryID = n
		}
	default:
		parent, err := t.anchor(it.Kind, m.Thread)
		if err != nil {
			return err
		}
		it.Thread, it.Parent = parent.Thread, parent.ID
		it.ID = tail(parent.Thread) + "_" + t.object()
	}
	return nil
}

// postID is the form of a post's id.
var postID = regexp.MustCompile(`^[0-9]{5,20}_[0-9]{5,20}$`)

// anchor gives the post or comment a new comment hangs on. A post of the page that this world has not seen is taken for
// one that was there before the world began.
func (t *tx) anchor(kind, thread string) (*item, error) {
	switch {
	case thread == "" && kind == kindMention:
		return t.w.items[foreignPost()], nil
	case thread == "":
		return t.w.items[t.w.defaultPost()], nil
	}
	it := t.w.onFacebook(thread)
	switch {
	case it != nil && it.Kind == kindDM:
		return nil, invalid("Ese hilo es una conversación privada. Usa el tipo dm.")
	case it != nil && it.Removed:
		return nil, invalid("Esa publicación o ese comentario ya no existe.")
	case it != nil && it.top():
		return it, nil
	case it != nil:
		// Answers to answers hang one level deep.
		if up := t.w.items[it.Parent]; up != nil && !up.top() {
			return up, nil
		}
		return it, nil
	case postID.MatchString(thread) && strings.HasPrefix(thread, t.w.pageID+"_"):
		post := item{
			ID: thread, Kind: kindPost, Thread: thread, From: person{t.w.pageID, pageName}, Own: true, Seed: true,
			Text: "Publicación anterior al simulador.", At: t.now.UTC(),
		}
		t.add(change{Item: &post})
		return t.w.items[thread], nil
	}
	return nil, invalid("Ese hilo no existe en la red.")
}

// onFacebook gives an item of Facebook, nil for one of another network.
func (w *world) onFacebook(id string) *item {
	if it := w.items[id]; it != nil && it.Network == "" {
		return it
	}
	return nil
}

// known sends requests for networks that nobody plays away.
func known(network string) error {
	if network == targetFacebook {
		return nil
	}
	if _, ok := networkOf(network); ok {
		return nil
	}
	return notFound("Esa red no existe.")
}

func (s *Simulator) postMessage(w http.ResponseWriter, r *http.Request) {
	var m written
	network := r.PathValue("network")
	err := known(network)
	if err == nil {
		err = readJSON(r, &m)
	}
	var it item
	if err == nil {
		it, err = s.say(network, m)
	}
	if err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"id": it.ID, "thread": it.Thread})
}

// say writes one text and gives the item as stored.
func (s *Simulator) say(network string, m written) (item, error) {
	var stored item
	err := s.commit(func(t *tx) error {
		it, err := t.writeOn(network, m)
		if err == nil {
			stored = *it
		}
		return err
	})
	return stored, err
}

// mine gives a text that may still be changed: a citizen's, or one of ours when our people change it in the network's own
// application.
func (t *tx) mine(network, id string, own bool) (*item, error) {
	it := t.w.items[id]
	switch {
	case it == nil || it.Removed || it.target() != network:
		return nil, notFound("Ese mensaje no existe o ya fue borrado.")
	case own && (!it.Own || it.Seed):
		return nil, invalid("Ese texto no es de SENCE.")
	case it.Own != own || it.Foreign:
		return nil, invalid("Solo se puede cambiar lo que escribió una persona.")
	}
	return it, nil
}

// rewrite changes a text; remove takes it away. Both tell the app.
func (s *Simulator) rewrite(network, id, text string, own bool) error {
	return s.commit(func(t *tx) error {
		it, err := t.mine(network, id, own)
		if err != nil {
			return err
		}
		text = strings.TrimSpace(text)
		if text == "" || utf8.RuneCountInString(text) > it.longest() {
			return invalid("Falta el texto nuevo o es demasiado largo.")
		}
		changed := edit{ID: id, Text: text, At: t.now.UTC()}
		if own && network == targetX && it.Kind != kindDM {
			n, _ := networkOf(targetX)
			changed.Version = t.number(n)
		}
		t.add(change{Edit: &changed})
		t.tell(it, verbEdited)
		return nil
	})
}

func (s *Simulator) remove(network, id string, own bool) error {
	return s.commit(func(t *tx) error {
		it, err := t.mine(network, id, own)
		if err != nil {
			return err
		}
		t.add(change{Remove: &removal{ID: id, At: t.now.UTC()}})
		t.tell(it, verbRemove)
		return nil
	})
}

func (s *Simulator) patchMessage(w http.ResponseWriter, r *http.Request) {
	var m written
	network := r.PathValue("network")
	err := known(network)
	if err == nil {
		err = readJSON(r, &m)
	}
	if err == nil {
		err = s.rewrite(network, r.PathValue("id"), m.Text, m.Own)
	}
	s.answerItem(w, r, err)
}

func (s *Simulator) deleteMessage(w http.ResponseWriter, r *http.Request) {
	network := r.PathValue("network")
	err := known(network)
	if err == nil {
		err = s.remove(network, r.PathValue("id"), r.URL.Query().Get("own") == "true")
	}
	s.answerItem(w, r, err)
}

func (s *Simulator) answerItem(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		writeProblem(w, err)
		return
	}
	id, thread := r.PathValue("id"), ""
	s.read(func(w *world) { thread = w.items[id].Thread })
	writeJSON(w, http.StatusOK, map[string]string{"id": id, "thread": thread})
}

// sentItem is one text our system published, as GET /sim/{network}/sent lists it.
type sentItem struct {
	ID         string       `json:"id"`
	InReplyTo  string       `json:"inReplyTo,omitempty"`
	Visibility string       `json:"visibility"`
	Text       string       `json:"text"`
	At         time.Time    `json:"at"`
	Link       string       `json:"link,omitempty"`
	Media      []sentMedium `json:"media,omitempty"`
	Template   string       `json:"template,omitempty"`
}

// sentMedium is what hangs on a post of ours.
type sentMedium struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Alt  string `json:"alt"`
}

func (s *Simulator) getSent(w http.ResponseWriter, r *http.Request) {
	network := r.PathValue("network")
	sent := []sentItem{}
	if err := known(network); err != nil {
		writeProblem(w, err)
		return
	}
	s.read(func(w *world) {
		for _, id := range w.at(network).sent {
			it := w.items[id]
			visibility := "public"
			if it.Kind == kindDM {
				visibility = "private"
			}
			one := sentItem{ID: id, InReplyTo: it.InReplyTo, Visibility: visibility, Text: it.Text, At: it.At, Link: it.Link, Template: it.Template}
			if network == targetLinkedIn && it.Kind == kindPost {
				one.ID = shareURN(id) // as the call that published it named it
			}
			for _, m := range it.Media {
				one.Media = append(one.Media, sentMedium{m.ID, m.Type, m.Alt})
			}
			sent = append(sent, one)
		}
	})
	writeJSON(w, http.StatusOK, sent)
}
