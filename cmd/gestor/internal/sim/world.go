package sim

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// Kinds of item a citizen can write. "rating" is a review of the page.
const (
	kindComment = "comment"
	kindPost    = "post"
	kindMention = "mention"
	kindDM      = "dm"
	kindRating  = "rating"
)

// person is somebody on the network. Ids belong to the page, as Facebook's do.
type person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// item is one text on the network: a post, a comment, a mention, a direct message or a review.
type item struct {
	ID        string    `json:"id"`
	Network   string    `json:"network,omitempty"` // empty on Facebook
	Kind      string    `json:"kind"`
	Thread    string    `json:"thread"`              // post id; for a direct message the citizen's id
	Parent    string    `json:"parent,omitempty"`    // what a comment hangs on: the post or a top-level comment
	InReplyTo string    `json:"inReplyTo,omitempty"` // what our system named when it published
	From      person    `json:"from"`
	Text      string    `json:"text"`
	At        time.Time `json:"at"`
	Own       bool      `json:"own,omitempty"`     // written by the page
	Seed      bool      `json:"seed,omitempty"`    // was there before our system
	Foreign   bool      `json:"foreign,omitempty"` // a post on somebody else's wall
	Rating    int       `json:"rating,omitempty"`  // stars of a review, 1 to 5
	StoryID   string    `json:"storyId,omitempty"` // open_graph_story_id of a review
	Edits     int       `json:"edits,omitempty"`
	Removed   bool      `json:"removed,omitempty"`
	Note      string    `json:"note,omitempty"`   // why no webhook was made, empty when one was
	Handle    string    `json:"handle,omitempty"` // the author's name of account, on Instagram and X
	Quoted    string    `json:"quoted,omitempty"` // the post a post of X quotes
	Mute      bool      `json:"mute,omitempty"`   // on X: neither names nor quotes us
	Tag       string    `json:"tag,omitempty"`    // what our system had the network give back with news of its message
	Media     []medium  `json:"media,omitempty"`
	Story     string    `json:"story,omitempty"`  // how a message of Instagram has to do with a story
	Sealed    bool      `json:"sealed,omitempty"` // an encrypted message of X
	Native    bool      `json:"native,omitempty"` // written by our people in the network's own application
	Hidden    bool      `json:"hidden,omitempty"`
	Liked     string    `json:"liked,omitempty"`    // our reaction to it
	By        string    `json:"by,omitempty"`       // who took it away, when that was not its author
	User      string    `json:"user,omitempty"`     // on WhatsApp, the id its author has beside the telephone
	Shy       bool      `json:"shy,omitempty"`      // its author hides the telephone
	Link      string    `json:"link,omitempty"`     // what a post of ours points to
	Template  string    `json:"template,omitempty"` // what our message on WhatsApp was made of
	Versions  []string  `json:"versions,omitempty"` // ids of the later versions of a post of ours on X
	Changed   time.Time `json:"-"`                  // of the last edit, or of its end
}

// target is the network of the item, as faults and deliveries call it.
func (i *item) target() string {
	if i.Network == "" {
		return targetFacebook
	}
	return i.Network
}

// top reports whether comments hang on the item directly.
func (i *item) top() bool {
	return i.Kind == kindPost || i.Kind == kindRating || i.Kind == kindMention && i.Thread == i.ID
}

// change is one thing that happened in the world; exactly one field is set. Names are stored, so they only grow.
type change struct {
	Item    *item      `json:"item,omitempty"`
	Edit    *edit      `json:"edit,omitempty"`
	Remove  *removal   `json:"remove,omitempty"`
	Queue   *delivery  `json:"queue,omitempty"`
	Done    *delivered `json:"done,omitempty"`
	Case    *siacCase  `json:"case,omitempty"`
	Event   *caseEvent `json:"event,omitempty"`
	Mail    *letter    `json:"mail,omitempty"`
	Fault   *mishap    `json:"fault,omitempty"`
	Clear   bool       `json:"clear,omitempty"`
	Draw    *draw      `json:"draw,omitempty"`
	Fields  []string   `json:"fields,omitempty"`
	Morning *morning   `json:"morning,omitempty"`
	Note    *remark    `json:"note,omitempty"`
	Act     *act       `json:"act,omitempty"`

	Key     *key        `json:"key,omitempty"`
	Token   *tokenState `json:"token,omitempty"`
	Ended   int         `json:"ended,omitempty"`   // a key, by its serial
	Refused string      `json:"refused,omitempty"` // an account whose key was not renewed
	Code    *grantCode  `json:"code,omitempty"`

	Sub  *subscription `json:"sub,omitempty"`
	Hook *hook         `json:"hook,omitempty"`

	Quota *quota `json:"quota,omitempty"`

	Draft *draft     `json:"draft,omitempty"`
	Used  *usedDraft `json:"used,omitempty"`
}

type edit struct {
	ID   string    `json:"id"`
	Text string    `json:"text"`
	At   time.Time `json:"at,omitzero"`

	Version string `json:"version,omitempty"` // on X a changed post has another id
}

// remark says why the app was not told of an item.
type remark struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

type removal struct {
	ID string    `json:"id"`
	At time.Time `json:"at,omitzero"`
}

// world is everything that is true outside the local system. The Simulator's lock guards it.
type world struct {
	pageID string
	base   string // where the world is reached
	serial int    // items ever made, part of new ids

	items    map[string]*item
	numbers  map[int64]bool      // numbers at the end of ids in use
	replies  map[string][]string // comments by what they hang on
	media    map[string]string   // what hangs on texts, by its id: the text
	drafts   map[string]*draft   // what was brought for posts
	versions map[string]string   // later versions of posts on X: the first one
	acts     []act
	place                      // Facebook
	places   map[string]*place // the other networks

	pending map[string]*delivery
	queued  []string
	dead    []delivery        // given up
	states  map[string]string // delivery id to how it ended
	about   map[string]string // item id or event id to its latest delivery

	cases     map[string]*siacCase
	caseOrder []string
	caseKeys  map[string]string // Idempotency-Key to folio
	eventKeys map[string]*caseEvent

	ring     keyring
	mail     []letter
	faults   []*mishap
	subs     map[string]subscription // by account
	hooks    []hook                  // at X
	quotas   map[string]quota        // by network
	mornings []morning
}

func newWorld(pageID, base string) *world {
	return &world{
		pageID: pageID, base: base, media: map[string]string{}, drafts: map[string]*draft{}, versions: map[string]string{}, items: map[string]*item{}, numbers: map[int64]bool{}, replies: map[string][]string{},
		place: newPlace(), places: map[string]*place{},
		pending: map[string]*delivery{}, states: map[string]string{}, about: map[string]string{},
		ring:  newKeyring(firstKeys(pageID)...),
		cases: map[string]*siacCase{}, caseKeys: map[string]string{}, eventKeys: map[string]*caseEvent{},
		subs: map[string]subscription{}, quotas: map[string]quota{},
	}
}

func (w *world) replay(changes []change) {
	for _, c := range changes {
		w.apply(c)
	}
}

func (w *world) apply(c change) {
	switch {
	case c.Item != nil, c.Edit != nil, c.Remove != nil, c.Note != nil:
		w.applyText(c)
	case c.Act != nil:
		w.applyAct(*c.Act)
	case c.Key != nil, c.Token != nil, c.Ended != 0, c.Refused != "", c.Code != nil:
		w.applyKey(c)
	case c.Queue != nil, c.Done != nil:
		w.applyDelivery(c)
	case c.Case != nil, c.Event != nil:
		w.applySiac(c)
	case c.Mail != nil:
		w.mail = append(w.mail, *c.Mail)
	case c.Fields != nil, c.Sub != nil, c.Hook != nil:
		w.applySub(c)
	case c.Draft != nil, c.Used != nil:
		w.applyDraft(c)
	case c.Quota != nil:
		w.quotas[c.Quota.Network] = *c.Quota
	case c.Morning != nil:
		w.mornings = append(w.mornings, *c.Morning)
	default:
		w.applyFault(c)
	}
}

// applyText keeps what people and the page wrote; a change of a text nobody knows changes nothing.
func (w *world) applyText(c change) {
	if c.Item != nil {
		w.applyItem(*c.Item)
		return
	}
	known := func(id string, alter func(*item)) {
		if it := w.items[id]; it != nil {
			alter(it)
		}
	}
	switch {
	case c.Edit != nil:
		known(c.Edit.ID, func(it *item) {
			it.Text, it.Edits, it.Changed = c.Edit.Text, it.Edits+1, c.Edit.At
			w.applyVersion(it, c.Edit.Version)
		})
	case c.Remove != nil:
		known(c.Remove.ID, func(it *item) { it.Text, it.Removed, it.Changed = "", true, c.Remove.At })
	case c.Note != nil:
		known(c.Note.ID, func(it *item) { it.Note = c.Note.Text })
	}
}

func (w *world) applyDelivery(c change) {
	if c.Queue != nil {
		d := *c.Queue
		w.dead = slices.DeleteFunc(w.dead, func(old delivery) bool { return old.ID == d.Again })
		w.pending[d.ID], w.about[d.About] = &d, d.ID
		w.queued = append(w.queued, d.ID)
		return
	}
	if d := w.pending[c.Done.ID]; d != nil && c.Done.State == stateAbandoned {
		w.dead = append(w.dead, *d)
	}
	delete(w.pending, c.Done.ID)
	w.states[c.Done.ID] = c.Done.State
}

func (w *world) applyItem(it item) {
	w.serial++
	w.items[it.ID] = &it
	for _, m := range it.Media {
		w.media[m.ID] = it.ID
	}
	if n, err := strconv.ParseInt(lastNumber(it.ID), 10, 64); err == nil {
		w.numbers[n] = true
	}
	p := w.at(it.Network)
	p.active[it.Thread] = w.serial
	switch {
	case it.Kind == kindDM:
		if len(p.talks[it.Thread]) == 0 {
			p.talkers = append(p.talkers, it.Thread)
		}
		p.talks[it.Thread] = append(p.talks[it.Thread], it.ID)
	case it.top():
		p.posts = append(p.posts, it.ID)
	default:
		w.replies[it.Parent] = append(w.replies[it.Parent], it.ID)
	}
	if it.Own && !it.Seed && !it.Native {
		p.sent = append(p.sent, it.ID)
	}
}

// owed is what has still to be delivered, in the order it was queued.
func (w *world) owed() []delivery {
	var owed []delivery
	w.queued = slices.DeleteFunc(w.queued, func(id string) bool { return w.pending[id] == nil })
	for _, id := range w.queued {
		owed = append(owed, *w.pending[id])
	}
	return owed
}

// delivery is one webhook or callback the world owes the local system. Body is what was frozen when it happened: tries
// repeat the same bytes.
type delivery struct {
	ID     string    `json:"id"`
	Target string    `json:"target"` // a network or siac
	About  string    `json:"about"`  // item id or SIAC event id
	Body   string    `json:"body"`
	Again  string    `json:"again,omitempty"` // the given-up delivery this one repeats
	At     time.Time `json:"at"`

	Messaging bool `json:"messaging,omitempty"` // of Messenger or Instagram's messages, whose failures end a subscription
}

// delivered ends a delivery.
type delivered struct {
	ID    string `json:"id"`
	State string `json:"state"` // entregado or abandonado
}

// letter is one message to one mailbox.
type letter struct {
	ID      string    `json:"id"`
	To      string    `json:"to"`
	From    string    `json:"from,omitempty"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
}

// siacCase is a case as SIAC keeps it. Body is what was filed, fields SIAC does not know included.
type siacCase struct {
	Folio      string          `json:"folio"`
	Key        string          `json:"key"`
	Hash       string          `json:"hash"`
	Ref        string          `json:"ref"`
	Type       string          `json:"type"`
	Network    string          `json:"network"`
	State      string          `json:"state"`
	Entered    time.Time       `json:"entered"`
	Computable string          `json:"computable"`
	Due        string          `json:"due"`
	Sequence   int             `json:"sequence"`
	Body       json.RawMessage `json:"body"`
	At         time.Time       `json:"at"`
	History    []caseEvent     `json:"-"`
}

// caseEvent is one step of a case; By is siac or gestor.
type caseEvent struct {
	ID       string    `json:"id"`
	Folio    string    `json:"folio"`
	Sequence int       `json:"sequence"`
	Type     string    `json:"type"`
	State    string    `json:"state,omitempty"`
	Text     string    `json:"text,omitempty"`
	By       string    `json:"by"`
	Key      string    `json:"key,omitempty"`
	At       time.Time `json:"at"`
}
